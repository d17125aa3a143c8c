package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"sort"
	"strings"
	"time"
	"unicode"
)

const zoneinfo = "/usr/share/zoneinfo"

// printZones lists the zones that Go knows by the abbreviations their clocks show: in the half of the year
// when they are behind, and in the other. It is what src/time/zone-abbreviations.ts holds.
func printZones() {
	names := map[string][]string{}
	_ = filepath.WalkDir(zoneinfo, func(path string, entry fs.DirEntry, err error) error {
		name := strings.TrimPrefix(path, zoneinfo+"/")
		if err != nil || entry.IsDir() || name == path || strings.HasPrefix(name, "posix") || strings.HasPrefix(name, "right/") || !unicode.IsUpper(rune(name[0])) {
			return nil
		}
		location, err := time.LoadLocation(name)
		if err != nil {
			return nil
		}
		january, winter := time.Date(2026, 1, 15, 12, 0, 0, 0, location).Zone()
		july, summer := time.Date(2026, 7, 15, 12, 0, 0, 0, location).Zone()
		key := january
		if winter < summer {
			key = january + "/" + july
		} else if winter > summer {
			key = july + "/" + january
		}
		names[key] = append(names[key], name)
		return nil
	})
	var keys []string
	for key := range names {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		sort.Strings(names[key])
		fmt.Printf("%s: %s\n", key, strings.Join(names[key], " "))
	}
}

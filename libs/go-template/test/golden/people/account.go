// Package people makes data of every kind that templates can be given; test/golden-data.ts makes the same.
package people

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Person has methods, on itself.
type Person struct {
	First string
	Last  string
	Born  time.Time
	age   int
}

func (p Person) Full() string { return p.First + " " + p.Last }

func (p Person) Greet(greeting string, times int) string {
	return strings.Repeat(greeting+", "+p.First+"! ", times)
}

func (p Person) Sum(numbers ...int) int {
	sum := p.age
	for _, number := range numbers {
		sum += number
	}
	return sum
}

func (p Person) Fail() (string, error) { return "", errors.New("no " + p.First) }

// Money says itself how it is printed.
type Money struct{ Cents int }

func (m Money) String() string { return fmt.Sprintf("€%d.%02d", m.Cents/100, m.Cents%100) }

// Fault is an error of its own.
type Fault struct{ Code int }

func (f Fault) Error() string { return fmt.Sprintf("fault %d", f.Code) }

// Shown has its own Go syntax.
type Shown struct{ Text string }

func (s Shown) GoString() string { return "Shown(" + s.Text + ")" }

// Stamped is printed as its time is, whose methods are its own.
type Stamped struct {
	time.Time
	Note string
}

// Item is left out of JSON where it is empty.
type Item struct {
	Name  string            `json:"name"`
	Price Money             `json:"price"`
	Count int               `json:"count,omitempty"`
	Tags  []string          `json:"tags,omitempty"`
	More  map[string]string `json:"more,omitempty"`
	Note  string            `json:",omitempty"`
	Next  *Item             `json:"next,omitempty"`
	Any   any               `json:"any,omitempty"`
}

// Account has a field of every kind.
type Account struct {
	Person
	Balance Money
	Fault   Fault
	Shown   Shown
	Stamped Stamped
	Scores  []float64
	Counts  map[string]int
	Prices  map[string]Money
	Raw     []byte
	Took    time.Duration
	Zoned   time.Time
	Err     error
	NoErr   error
	Any     any
	Friend  *Person
	Nobody  *Person
	Items   []Item
	Matrix  [][]int
	Small   uint8
	Wide    int64
	Widest  uint64
	Rune    int32
	Word    uint32
	Half    float64
	Double  func(int) int
	Join    func(string, ...string) string
	Nothing func(int) int
	secret  string
}

// Full is an account with a value in every field but those that are named for having none.
func Full() any {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err)
	}
	born := time.Date(1952, 3, 11, 0, 0, 0, 0, time.UTC)
	return Account{
		Person:  Person{First: "Ada", Last: "Lovelace", Born: born, age: 36},
		Balance: Money{Cents: 1234},
		Fault:   Fault{Code: 7},
		Shown:   Shown{Text: "é"},
		Stamped: Stamped{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Note: "n"},
		Scores:  []float64{1, 2.5, 1e21},
		Counts:  map[string]int{"b": 2, "a": 1},
		Prices:  map[string]Money{"tea": {Cents: 250}},
		Raw:     []byte("é\xff"),
		Took:    90 * time.Second,
		Zoned:   time.Date(2026, 7, 3, 15, 30, 0, 123456789, time.UTC).In(amsterdam),
		Err:     errors.New("went wrong"),
		Any:     map[string]any{"deep": []any{1, "two", nil}},
		Friend:  &Person{First: "Charles", Last: "Babbage", age: 79},
		Items:   []Item{{Name: "tea", Price: Money{Cents: 250}, Count: 2, Tags: []string{"hot"}, Next: &Item{Name: "milk"}, Any: 0}, {Name: "cake"}},
		Matrix:  [][]int{{1, 2}, {}, {3}},
		Small:   200,
		Wide:    -9007199254740993,
		Widest:  18446744073709551615,
		Rune:    8364,
		Word:    4294967295,
		Half:    0.5,
		Double:  func(number int) int { return 2 * number },
		Join:    func(separator string, parts ...string) string { return strings.Join(parts, separator) },
		secret:  "hidden",
	}
}

// Dictionary is what plain JavaScript values are in Go.
func Dictionary() any {
	return map[string]any{
		"name":   "Ada",
		"answer": 42,
		"half":   0.5,
		"large":  1e21,
		"yes":    true,
		"none":   nil,
		"list":   []any{1, "two", 3.5, nil, []any{}},
		"map":    map[string]any{"a": 1, "constructor": "c", "__proto__": "p"},
		"bytes":  []byte("é"),
		"time":   time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC),
		"error":  errors.New("went wrong"),
		"text":   "ünïcode 😀",
	}
}

// Counts is a map whose elements have a zero of their own.
func Counts() any { return map[string]int{"a": 1} }

// Nothing is no data at all.
func Nothing() any { return nil }

/**
 * How a body is written for one kind of receiver.
 */
export interface Preset {
  /** What the body is; it stands in place of a `Content-type` among the headers. */
  readonly contentType: string;
  /** A Go template, as a user would write one; its functions are those of every template, and {@link Preset.keyParameter}'s. */
  readonly template: string;
  /**
   * The parameter of the address that holds a key which the receiver wants in the body: it is taken out of the address, and `{{ key }}` in the
   * template gives it. Default: the receiver has no such key.
   */
  readonly keyParameter?: { readonly name: string; readonly pattern: RegExp; readonly means: string };
}

/**
 * What every preset begins with: what is known, in texts that are never empty and never long, whatever the event holds.
 *
 * `abbrev` and `trunc` count bytes, and every receiver counts characters or bytes: a text is never longer for a receiver than it is here.
 *
 * An alert's key is its instance; that of an event that asks for nothing is the event, for it to close no alert that another one opened.
 */
export const FACTS = String.raw`
{{- $node := .NodeName | default .InstanceID | trim | default "unknown" | abbrev 100 -}}
{{- $key := .InstanceID | default .NodeName | default .EventID | trim | default "unknown" | trunc 100 -}}
{{- $title := printf "Node %s: %s" $node (ternary "dry run" .Phase (eq .Outcome "dry-run")) -}}
{{- $summary := .Summary | default .Description | trim | default "Nothing more is known" | abbrev 1500 -}}
{{- $about := .Description | trim | default "Nothing more is known" | abbrev 500 -}}
{{- $kind := .Kind | trim | default "unknown" | abbrev 50 -}}
{{- $event := .EventID | trim | default "unknown" | abbrev 200 -}}
{{- if eq .Outcome "nothing-to-do" }}{{ $key = $event | trunc 100 }}{{ end -}}
{{- $instance := printf "%s %s" .InstanceID .InstanceType | trim | default "unknown" | abbrev 100 -}}
{{- $where := printf "%s %s" (.AvailabilityZone | default .Region) .AccountId -}}
{{- range $name, $value := .Env }}{{ $where = printf "%s %s=%s" $where $name $value }}{{ end -}}
{{- $where = $where | trim | default "unknown" | abbrev 300 -}}
{{- $pods := "" -}}
{{- range $how, $count := .PodCounts }}{{ if $count }}{{ $pods = printf "%s, %d %s" $pods $count $how }}{{ end }}{{ end -}}
{{- $pods = $pods | trimPrefix ", " | default "none" | abbrev 300 -}}
{{- $isOver := has .Outcome (list "done" "over" "nothing-to-do" "dry-run") -}}
`;

package offline

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/cragbase/cragbase/internal/climb"
)

// question is what could be understood of one.
type question struct {
	topics     []topic
	discipline climb.Discipline // "": none was named
	from, to   string           // a year that was named; "": none
}

// topic is what somebody may ask about.
type topic string

const (
	topicHealth   topic = "health"
	topicPyramid  topic = "pyramid"
	topicProgress topic = "progress"
	topicOnsight  topic = "onsight"
	topicVolume   topic = "volume"
	topicProjects topic = "projects"
	topicNext     topic = "next"
	topicCrags    topic = "crags"
	topicPlan     topic = "plan"
)

// stems are the beginnings of words that tell a topic, and with a dot at the end whole words.
func stems() map[topic][]string {
	return map[topic][]string{
		topicHealth:   {"pain", "hurt", "injur", "pulley", "tendon", "tweak", "sore", "swollen", "swelling", "ache", "aching", "physio", "doctor", "rest.", "rested.", "resting.", "recover", "tired", "fatigue", "overtrain", "sick", "heal"},
		topicPyramid:  {"pyramid", "grade", "base", "consolidat", "level", "hardest"},
		topicProgress: {"progress", "improv", "plateau", "trend", "better", "stuck", "breakthrough", "season", "history"},
		topicOnsight:  {"onsight", "on-sight", "flash", "redpoint"},
		topicVolume:   {"volume", "pitch", "mileage", "much", "often", "days", "load", "active", "month", "week"},
		topicProjects: {"project", "unsent", "unfinished"},
		topicNext:     {"next.", "try.", "attempt", "ready."},
		topicCrags:    {"crag", "where", "place", "area", "location", "trip", "destination"},
		topicPlan:     {"plan", "train", "goal", "recommend", "advice", "advise", "suggest", "workout", "schedule", "focus", "weak", "strength"},
	}
}

// disciplineStems are the same for disciplines.
func disciplineStems() map[climb.Discipline][]string {
	return map[climb.Discipline][]string{
		climb.Sport: {"sport"}, climb.Trad: {"trad"}, climb.Boulder: {"boulder", "bloc"}, climb.TopRope: {"toprop", "top-rop"},
		climb.Alpine: {"alpin"}, climb.Ice: {"ice."}, climb.Mixed: {"mixed.", "drytool"}, climb.Aid: {"aid."},
	}
}

// understand looks for words that it knows.
func understand(text string, now time.Time) question {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' })
	var q question
	known := stems()
	for _, t := range topicOrder() {
		if anyBegins(words, known[t]) {
			q.topics = append(q.topics, t)
		}
	}
	named := disciplineStems()
	for _, d := range climb.AllDisciplines() {
		if q.discipline == "" && anyBegins(words, named[d]) {
			q.discipline = d
		}
	}
	if year := yearIn(text, now); year != "" {
		q.from, q.to = year+"-01-01", year+"-12-31"
	}
	return q
}

func topicOrder() []topic {
	return []topic{topicHealth, topicPyramid, topicProgress, topicOnsight, topicVolume, topicProjects, topicNext, topicCrags, topicPlan}
}

func anyBegins(words, stems []string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		return slices.ContainsFunc(stems, func(stem string) bool { return strings.HasPrefix(word+".", stem) })
	})
}

var fourDigits = regexp.MustCompile(`\b(19[5-9]|20[0-9])[0-9]\b`)

// yearIn is the year that a text names; "" for none.
func yearIn(text string, now time.Time) string {
	text = strings.ToLower(text)
	switch {
	case strings.Contains(text, "this year"):
		return strconv.Itoa(now.UTC().Year())
	case strings.Contains(text, "last year"):
		return strconv.Itoa(now.UTC().Year() - 1)
	}
	return fourDigits.FindString(text)
}

func (q *question) understood() bool { return len(q.topics) > 0 }

// section computes a part of an answer.
type section struct {
	name    string
	compute func(f *figures, q question) (*finding, error)
}

// sections are those that answer a question, in the order that they are read in.
func (q *question) sections() []section {
	wanted := map[string]bool{}
	topics := q.topics
	if slices.Contains(topics, topicHealth) {
		topics = []topic{topicHealth} // nobody in pain is shown a harder grade
	}
	for _, t := range topics {
		for _, name := range sectionsOf(t) {
			wanted[name] = true
		}
	}
	if !q.understood() {
		for _, name := range []string{"standing", "pyramid", "onsight", "volume", "next"} {
			wanted[name] = true
		}
	}
	return slices.DeleteFunc(allSections(), func(s section) bool { return !wanted[s.name] })
}

func sectionsOf(t topic) []string {
	switch t {
	case topicHealth:
		return []string{"health", "volume"}
	case topicPyramid:
		return []string{"pyramid", "next"}
	case topicPlan:
		return []string{"plan", "pyramid", "volume"}
	}
	return []string{string(t)}
}

func allSections() []section {
	return []section{
		{"health", healthOf},
		{"standing", standingOf},
		{"pyramid", pyramidOf},
		{"progress", progressOf},
		{"onsight", onsightOf},
		{"volume", volumeOf},
		{"projects", projectsOf},
		{"next", nextOf},
		{"crags", cragsOf},
		{"plan", planOf},
	}
}

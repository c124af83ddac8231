package offline

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/cragbase/cragbase/internal/climb"
)

// question is what could be understood of one.
type question struct {
	topics     []topic
	discipline climb.Discipline // "": none was named
	only       climb.Discipline // that was named and has ticks; "": all
	years      []int            // that were named, the earliest first
	from, to   string           // the first and last day of those; "": none
	alone      int              // the only year of a question that compares; 0: there are two, or nothing is compared
	running    int              // the year of the question
}

// topic is what somebody may ask about.
type topic string

const (
	topicHealth   topic = "health"
	topicStanding topic = "standing"
	topicCompare  topic = "compare"
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
		topicCompare:  {"compar", "versus.", "vs.", "than."},
		topicPyramid:  {"pyramid", "grade", "base", "consolidat", "level", "hardest"},
		topicProgress: {"progress", "improv", "plateau", "trend", "better", "stuck", "breakthrough", "season", "history"},
		topicOnsight:  {"onsight", "on-sight", "flash", "redpoint"},
		topicVolume:   {"volume", "pitch", "mileage", "much", "often", "days", "load", "active", "month", "week"},
		topicProjects: {"project", "unsent", "unfinished"},
		topicNext:     {"next.", "try.", "attempt", "ready.", "closest", "nearest", "reach"},
		topicCrags:    {"crag", "place", "area", "location", "trip", "destination"},
		topicPlan:     {"plan", "train", "goal", "recommend", "advice", "advise", "suggest", "workout", "schedule", "focus", "weak", "strength"},
	}
}

// otherwise are the same for words that tell a topic only when no other word does, the first that is found.
func otherwise() []fallback {
	return []fallback{{topicStanding, []string{"stand.", "standing.", "overview", "summar"}}, {topicPyramid, []string{"gap"}}, {topicCrags, []string{"where"}}}
}

type fallback struct {
	topic topic
	stems []string
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
	text = topRope.ReplaceAllString(strings.ToLower(text), "top-rop")
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' })
	q := question{running: now.UTC().Year()}
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
	q.years = yearsIn(text, q.running)
	q.settleTopics(words)
	if n := len(q.years); n > 0 {
		q.from, q.to = fmt.Sprintf("%d-01-01", q.years[0]), fmt.Sprintf("%d-12-31", q.years[n-1])
	}
	return q
}

// topRope is the discipline in two words.
var topRope = regexp.MustCompile(`\btop\s+rop`)

// settleTopics leaves years to be compared only where there are some, and looks at the words that count when no other does.
func (q *question) settleTopics(words []string) {
	if i := slices.Index(q.topics, topicCompare); i >= 0 {
		q.settleYears(words)
		if len(q.years) == 0 {
			q.topics = slices.Delete(q.topics, i, i+1) // "How do onsights compare with redpoints?"
		}
	}
	for _, f := range otherwise() {
		if len(q.topics) == 0 && anyBegins(words, f.stems) {
			q.topics = []topic{f.topic}
		}
	}
	if len(q.topics) == 0 && len(q.years) > 1 {
		q.topics = []topic{topicCompare}
	}
}

// settleYears adds to the years of a question that compares: to a past one the running one, and without any the last two.
func (q *question) settleYears(words []string) {
	switch {
	case len(q.years) == 1:
		q.alone = q.years[0]
		if q.alone < q.running {
			q.years = append(q.years, q.running)
		}
	case len(q.years) == 0 && anyBegins(words, []string{"year"}) && anyBegins(words, []string{"compar"}):
		q.years = []int{q.running - 1, q.running}
	}
}

func topicOrder() []topic {
	return []topic{topicHealth, topicCompare, topicPyramid, topicProgress, topicOnsight, topicVolume, topicProjects, topicNext, topicCrags, topicPlan}
}

func anyBegins(words, stems []string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		return slices.ContainsFunc(stems, func(stem string) bool { return strings.HasPrefix(word+".", stem) })
	})
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
	if !q.understood() {
		topics = []topic{topicStanding}
	}
	for _, t := range topics {
		for _, name := range sectionsOf(t) {
			if name == "volume" && len(q.years) > 0 && t != topicHealth && t != topicPlan { // those two go by the last 90 days
				name = "compare"
			}
			wanted[name] = true
		}
	}
	return slices.DeleteFunc(allSections(), func(s section) bool { return !wanted[s.name] })
}

func sectionsOf(t topic) []string {
	switch t {
	case topicHealth:
		return []string{"health", "volume"}
	case topicStanding:
		return []string{"standing", "pyramid", "onsight", "volume", "next"}
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
		{"compare", compareOf},
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

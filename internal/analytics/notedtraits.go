package analytics

import (
	"strings"
	"sync"
	"unicode"
)

// Notes are searched for single words. More would be guessing: they are written for their climber, in any language.

// negations are words that take back what follows them. Those of failing (didn't, can't) are none: who could not hold the slopers
// has met some.
var negations = []string{
	"no", "not", "never", "without", "neither", "nor", "non", "hardly", "barely", "lacks", "zero",
	"isn't", "aren't", "wasn't", "weren't", "doesn't", "don't", "isnt", "arent", "wasnt", "werent", "doesnt", "dont",
}

// resumptions are words after which a negation says nothing any more: not only crimpy, not crimpy but slabby.
var resumptions = []string{"but", "only", "just", "merely", "though", "although", "however", "rather"}

// negationReach is how many words after a negation are taken back, as in "not the usual slab".
const negationReach = 3

// meaning is what a word of the notes is good for: an index of the characteristics, or one of the constants.
type meaning int

const (
	negation   meaning = -1
	resumption meaning = -2
)

// noteWords are the words that mean something.
var noteWords = sync.OnceValue(func() map[string]meaning {
	words := map[string]meaning{}
	for i, known := range characteristics {
		for _, word := range known.words {
			words[word] = meaning(i)
		}
	}
	for _, word := range negations {
		words[word] = negation
	}
	for _, word := range resumptions {
		words[word] = resumption
	}
	return words
})

// notedIn are the characteristics that notes tell by whole words, in any case, unless a negation stands shortly before in the same
// part of a sentence.
func notedIn(notes string) traitSet {
	var found traitSet
	words := noteWords()
	for clause := range strings.FieldsFuncSeq(notes, isClauseEnd) {
		takenBack := 0 // words, this one included
		for word := range strings.FieldsFuncSeq(clause, isNoLetter) {
			m, known := words[strings.ReplaceAll(strings.ToLower(word), "\u2019", "'")]
			switch {
			case known && m == negation:
				takenBack = negationReach
				continue
			case known && m == resumption:
				takenBack = 0
			case known && takenBack == 0:
				found |= 1 << m
			}
			takenBack = max(takenBack-1, 0)
		}
	}
	return found
}

func isClauseEnd(r rune) bool {
	switch r {
	case '.', ',', ';', ':', '!', '?', '(', ')', '\n', '\u2013', '\u2014':
		return true
	}
	return false
}

// isNoLetter reports whether a character is between words.
func isNoLetter(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '\u2019' }

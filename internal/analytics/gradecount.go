package analytics

// GradeCount counts the distinct routes sent at a grade.
type GradeCount struct {
	Grade  string `json:"grade"`
	Routes int    `json:"routes"`
}

// gradeCounter counts distinct routes by grade. The zero gradeCounter has none and takes none.
type gradeCounter struct {
	ladder ladder
	scores map[string]int // of each route the hardest that was logged
}

func newGradeCounter(l ladder) gradeCounter { return gradeCounter{l, map[string]int{}} }

func (c gradeCounter) add(route string, score int) {
	if old, ok := c.scores[route]; !ok || score > old {
		c.scores[route] = score
	}
}

// hardest is the highest score, or none.
func (c gradeCounter) hardest() int {
	best := none
	for _, score := range c.scores {
		best = max(best, score)
	}
	return best
}

// counts are the grades that have routes, the hardest first.
func (c gradeCounter) counts() []GradeCount {
	routes := make([]int, len(c.ladder.rungs))
	for _, score := range c.scores {
		routes[c.ladder.rung(score)]++
	}
	counts := []GradeCount{}
	for rung := len(routes) - 1; rung >= 0; rung-- {
		if routes[rung] > 0 {
			counts = append(counts, GradeCount{c.ladder.rungs[rung].Label, routes[rung]})
		}
	}
	return counts
}

package analytics

import (
	"strings"

	"github.com/cragbase/cragbase/internal/climb"
)

const ownGradesRule = " Your own grade is softer or harder than the rating when the two have no score in common. It is read as the ratings of its discipline and country are."

// OwnGrades counts ticks by how their climber's grade compares with the rating.
type OwnGrades struct {
	Softer       int `json:"softer"` // the climber gave an easier grade
	Same         int `json:"same"`
	Harder       int `json:"harder"`
	Incomparable int `json:"incomparable"` // one of the two is no grade, or of another family
	None         int `json:"none"`         // no grade of the climber's
}

func ownGrades(ticks []*tick) OwnGrades {
	var count OwnGrades
	for _, t := range ticks {
		if t.yourGrade == "" || len(t.disciplines) == 0 {
			count.None++
			continue
		}
		d := t.disciplines[0]
		rating, known := t.gradeIn(d)
		country, _, _ := strings.Cut(t.location, pathSeparator)
		own, ok := climb.ParseRatingIn(t.yourGrade, country, d).Grade(d)
		switch {
		case !known || !ok || own.Family() != rating.Family():
			count.Incomparable++
		case own.High < rating.Low:
			count.Softer++
		case own.Low > rating.High:
			count.Harder++
		default:
			count.Same++
		}
	}
	return count
}

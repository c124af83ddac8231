package mountainproject

import "strings"

// roots are the areas that every location of the site belongs to: the states of the USA, everything else, and what is not
// filed yet.
const roots = "|Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|" +
	"Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|" +
	"Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|" +
	"South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming|International|* In Progress|"

func isRoot(area string) bool {
	return area != "" && !strings.Contains(area, "|") && strings.Contains(roots, "|"+area+"|")
}

// rootFirst reports whether the locations of a file begin at their roots, as all but the files of 2018 do. A file that
// somebody took the rating codes out of is told from those by its places.
func rootFirst(ticks []Tick) bool {
	first, last := 0, 0
	for i := range ticks {
		if location := ticks[i].Location; len(location) > 1 {
			if isRoot(location[0]) {
				first++
			}
			if isRoot(location[len(location)-1]) {
				last++
			}
		}
	}
	return first > last
}

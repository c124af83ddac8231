package demo

import (
	"bytes"
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/climb"
)

// header is the first row of Mountain Project's tick export.
var header = []string{
	"Date", "Route", "Rating", "Notes", "URL", "Pitches", "Location", "Avg Stars", "Your Stars", "Style", "Lead Style",
	"Route Type", "Your Rating", "Length", "Rating Code",
}

// export writes ticks, oldest first, as Mountain Project does: the newest first, also within a day.
func export(ticks []tick) []byte {
	var file bytes.Buffer
	writeRow(&file, header)
	for _, t := range slices.Backward(ticks) {
		writeRow(&file, t.fields())
	}
	return file.Bytes()
}

func (t *tick) fields() []string {
	r := t.route
	length := ""
	if r.feet > 0 {
		length = strconv.Itoa(r.feet)
	}
	code, _ := climb.CodeOfRating(r.grade) // 0 where the site has no code
	return []string{
		t.date.Format(time.DateOnly), r.name, r.grade + r.remark, html.EscapeString(t.notes), r.url(),
		strconv.Itoa(t.pitches), strings.Join(r.location, " > "), fmt.Sprintf("%.1f", r.stars), strconv.Itoa(t.yourStars),
		t.style, t.leadStyle, r.kind, t.yourRating, length, strconv.Itoa(code),
	}
}

func (r *route) url() string {
	return fmt.Sprintf("https://www.mountainproject.com/route/%d/%s", r.id, slug(r.name))
}

// writeRow quotes the fields that the site quotes, which are more than encoding/csv would.
func writeRow(file *bytes.Buffer, fields []string) {
	for i, field := range fields {
		if i > 0 {
			file.WriteByte(',')
		}
		if strings.ContainsAny(field, " ,\"\t\r\n") {
			field = `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
		}
		file.WriteString(field)
	}
	file.WriteByte('\n')
}

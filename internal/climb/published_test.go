package climb

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// published is where the published tables are when they are at hand: one row per score, one column per system.
const published = "../../../shared/data/grades"

var publishedColumns = map[string]System{
	"yds": YDS, "french": French, "uiaa": UIAA, "ewbank": Ewbank, "saxon": Saxon, "norwegian": Norwegian,
	"brazilian_crux": BrazilianCrux, "v": V, "font": Font, "wi": WI, "ai": AI, "aid": SystemAid,
}

// publishedRow is the labels of one score by system.
type publishedRow map[System]string

// publishedTables are the rows of each file by score; none when the files are not at hand.
func publishedTables(t *testing.T) map[string][]publishedRow {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(published, "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string][]publishedRow{}
	for _, file := range files {
		tables[filepath.Base(file)] = readTable(t, file)
	}
	return tables
}

func readTable(t *testing.T, file string) []publishedRow {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []publishedRow
	for i, record := range records[1:] {
		if record[0] != strconv.Itoa(i) {
			t.Fatalf("%s: score %s in row %d", file, record[0], i)
		}
		row := publishedRow{}
		for column, label := range record[1:] {
			row[publishedColumns[records[0][column+1]]] = label
		}
		if row[YDS] == "5" { // the table's own slip for 5.0
			row[YDS] = "5.0"
		}
		rows = append(rows, row)
	}
	return rows
}

func TestEveryScoreHasItsPublishedLabel(t *testing.T) {
	t.Parallel()
	for file, rows := range publishedTables(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			for score, row := range rows {
				for system, label := range row {
					if bin, ok := BinOf(system, score); !ok || bin.Label != label {
						t.Errorf("%s %d = %q, %t; published %q", system, score, bin.Label, ok, label)
					}
				}
			}
		})
	}
}

// A published grade converts to the labels of its first and its last row, whatever the ranges in Go say.
func TestConvertFollowsThePublishedRows(t *testing.T) {
	t.Parallel()
	for file, rows := range publishedTables(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			for from := range rows[0] {
				for to := range rows[0] {
					if from != to && to != UIAA { // UIAA joins its pairs in its own way
						checkConversions(t, rows, from, to)
					}
				}
			}
		})
	}
}

func checkConversions(t *testing.T, rows []publishedRow, from, to System) {
	t.Helper()
	first := 0
	for last, row := range rows {
		if last+1 < len(rows) && rows[last+1][from] == row[from] {
			continue
		}
		want := rows[first][to]
		if want != row[to] {
			want = joined(want, row[to], to)
		}
		grade, err := ParseGrade(row[from], from)
		if err != nil {
			t.Errorf("%s: %v", from, err)
		}
		if got, ok := Convert(grade, to); !ok || got != want {
			t.Errorf("%s %s in %s = %q, %t; want %q", from, row[from], to, got, ok, want)
		}
		first = last + 1
	}
}

func joined(low, high string, system System) string {
	number := func(label string) string { return label[:len(label)-1] }
	switch {
	case system == V:
		return low + "-" + high
	case system == YDS && len(low) > len("5.9") && number(low) == number(high):
		return low + "/" + high[len(high)-1:]
	}
	return low + "/" + high
}

func TestPublishedEightAGrades(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(published, "eight_a_grade_index.json"))
	if err != nil {
		text = []byte(`{"0": "?", "3": "3a", "9": "4c", "10": "5a", "19": "6b+", "21": "6c", "39": "9c"}`)
	}
	var grades map[string]string
	if err := json.Unmarshal(text, &grades); err != nil {
		t.Fatal(err)
	}
	for number, want := range grades {
		index, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := EightAGrade(index); ok != (want != "?") || ok && got != want {
			t.Errorf("%d = %q, %t; want %q", index, got, ok, want)
		}
	}
}

package analytics

import "testing"

func TestPeriodsOfADay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule, date                string
		week, month, season, year Period
	}{
		{
			"the last day of a winter in a leap year", "2024-02-29",
			Period{"2024-W09", "2024-02-26", "2024-03-03"},
			Period{"2024-02", "2024-02-01", "2024-02-29"},
			Period{"Winter, 2023-2024", "2023-12-01", "2024-02-29"},
			Period{"2024", "2024-01-01", "2024-12-31"},
		},
		{
			"a December begins the winter of two years", "2023-12-01",
			Period{"2023-W48", "2023-11-27", "2023-12-03"},
			Period{"2023-12", "2023-12-01", "2023-12-31"},
			Period{"Winter, 2023-2024", "2023-12-01", "2024-02-29"},
			Period{"2023", "2023-01-01", "2023-12-31"},
		},
		{
			"the first day of a year can be in the last week of the year before", "2023-01-01",
			Period{"2022-W52", "2022-12-26", "2023-01-01"},
			Period{"2023-01", "2023-01-01", "2023-01-31"},
			Period{"Winter, 2022-2023", "2022-12-01", "2023-02-28"},
			Period{"2023", "2023-01-01", "2023-12-31"},
		},
		{
			"the last day of a year can be in the first week of the next", "2024-12-31",
			Period{"2025-W01", "2024-12-30", "2025-01-05"},
			Period{"2024-12", "2024-12-01", "2024-12-31"},
			Period{"Winter, 2024-2025", "2024-12-01", "2025-02-28"},
			Period{"2024", "2024-01-01", "2024-12-31"},
		},
		{
			"spring from March on", "2025-03-01",
			Period{"2025-W09", "2025-02-24", "2025-03-02"},
			Period{"2025-03", "2025-03-01", "2025-03-31"},
			Period{"Spring, 2025", "2025-03-01", "2025-05-31"},
			Period{"2025", "2025-01-01", "2025-12-31"},
		},
		{
			"summer up to August", "2025-08-31",
			Period{"2025-W35", "2025-08-25", "2025-08-31"},
			Period{"2025-08", "2025-08-01", "2025-08-31"},
			Period{"Summer, 2025", "2025-06-01", "2025-08-31"},
			Period{"2025", "2025-01-01", "2025-12-31"},
		},
		{
			"fall up to November", "2020-11-30",
			Period{"2020-W49", "2020-11-30", "2020-12-06"},
			Period{"2020-11", "2020-11-01", "2020-11-30"},
			Period{"Fall, 2020", "2020-09-01", "2020-11-30"},
			Period{"2020", "2020-01-01", "2020-12-31"},
		},
	} {
		var days periods
		days.of("2000-07-07") // another day before, as in a walk through a logbook
		got := *days.of(test.date)
		if want := (periods{test.date, test.week, test.month, test.season, test.year}); got != want {
			t.Errorf("%s\n got %v\nwant %v", test.rule, got, want)
		}
	}
}

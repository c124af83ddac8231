package analytics

// Period is a week, month, season or year.
type Period struct {
	Name string `json:"period"` // "2024-W05", "2024-05", "Fall, 2024", "Winter, 2023-2024", "2024"
	From string `json:"from"`   // its first day, YYYY-MM-DD
	To   string `json:"to"`     // its last day
}

package climb

// The grades of ice, aid and mixed climbs, each on the score of its own family. Ice and aid are as OpenBeta's sandbag
// library publishes them.

// wiBins grade water ice; alpine ice has the same steps.
var wiBins = []Bin{
	{"WI1", 0, 3},
	{"WI2", 4, 7},
	{"WI3", 8, 11},
	{"WI3+", 12, 15},
	{"WI4", 16, 19},
	{"WI4+", 20, 23},
	{"WI5", 24, 27},
	{"WI5+", 28, 31},
	{"WI6", 32, 35},
	{"WI6+", 36, 39},
	{"WI7", 40, 43},
	{"WI7+", 44, 47},
	{"WI8", 48, 51},
	{"WI8+", 52, 55},
	{"WI9", 56, 59},
	{"WI9+", 60, 63},
	{"WI10", 64, 67},
	{"WI10+", 68, 71},
	{"WI11", 72, 75},
	{"WI12", 76, 79},
	{"WI12+", 80, 83},
	{"WI13", 84, 87},
	{"WI13+", 88, 91},
}

// aidBins serve clean aid too: C2 scores as A2.
var aidBins = []Bin{
	{"A0", 0, 3},
	{"A1", 4, 7},
	{"A2", 8, 11},
	{"A2+", 12, 15},
	{"A3", 16, 19},
	{"A3+", 20, 23},
	{"A4", 24, 27},
	{"A4+", 28, 31},
	{"A5", 32, 35},
}

// mixedBins have no published table: four scores a number, as ice has them, up to the hardest number in use.
var mixedBins = []Bin{
	{"M1", 0, 3},
	{"M2", 4, 7},
	{"M3", 8, 11},
	{"M4", 12, 15},
	{"M5", 16, 19},
	{"M6", 20, 23},
	{"M7", 24, 27},
	{"M8", 28, 31},
	{"M9", 32, 35},
	{"M10", 36, 39},
	{"M11", 40, 43},
	{"M12", 44, 47},
	{"M13", 48, 51},
	{"M14", 52, 55},
	{"M15", 56, 59},
	{"M16", 60, 63},
}

package demo

import (
	"math/rand/v2"
	"strings"
)

// Words that the names of crags and routes are made of.
var (
	qualities = strings.Fields(`Amber Borrowed Brittle Crooked Dappled Distant Drowsy Echoing Eleventh Faded Feral
		Forgotten Frugal Gentle Gilded Hollow Humble Idle Inverted Jagged Lopsided Lunar Mellow Nimble Patient Polite
		Quiet Restless Rusty Salted Secret Sidelong Slanted Smuggled Solemn Stubborn Sudden Tangled Thirsty Unlikely
		Velvet Vagrant Wandering Weathered Wicked Woolly`)
	things = strings.Fields(`Almanac Anchor Anvil Apron Arithmetic Balcony Barometer Bellows Bookend Breakfast Candle
		Caravan Chimney Compass Cormorant Cutlery Dialect Drawbridge Elevator Envelope Ferry Fiddle Footnote Furnace
		Gazette Harbour Harmonica Hinge Hourglass Invoice Jackdaw Kettle Ladder Lantern Lighthouse Magpie Marmalade
		Metronome Mirror Omnibus Orchard Paperclip Parsnip Pendulum Piano Postcard Quarrel Rhubarb Saddle Semaphore
		Sermon Spoon Staircase Suitcase Telegram Thimble Turnip Typewriter Umbrella Violin Wardrobe Weathercock`)
	people = strings.Fields(`Baker Beekeeper Cartographer Cobbler Conductor Ferryman Gardener Glazier Locksmith Mason
		Miller Piper Plumber Referee Sexton Tailor Umpire Understudy Weaver`)
)

// formations end the name of a crag.
func (t terrain) formations() []string {
	switch t {
	case boulders:
		return []string{"Boulders", "Field", "Blocks", "Grove"}
	case peaks:
		return []string{"Spire", "Ridge", "Tooth", "Peak"}
	case icefalls:
		return []string{"Gully", "Falls", "Drip"}
	default:
		return []string{"Wall", "Buttress", "Tier", "Slab", "Sector"}
	}
}

// namer makes up names and gives none twice.
type namer struct {
	rng   *rand.Rand
	given map[string]bool
}

func newNamer(rng *rand.Rand) *namer {
	return &namer{rng: rng, given: map[string]bool{}}
}

func (n *namer) crag(t terrain) string {
	return n.fresh(func() string { return pick(n.rng, qualities) + " " + pick(n.rng, t.formations()) })
}

func (n *namer) route() string {
	return n.fresh(func() string {
		quality, thing := pick(n.rng, qualities), pick(n.rng, things)
		switch n.rng.IntN(10) {
		case 0:
			return "The " + quality + " " + thing
		case 1:
			return pick(n.rng, people) + "'s " + thing
		case 2:
			return thing + " and " + pick(n.rng, things)
		case 3:
			return thing
		default:
			return quality + " " + thing
		}
	})
}

func (n *namer) fresh(invent func() string) string {
	for {
		if name := invent(); !n.given[name] {
			n.given[name] = true
			return name
		}
	}
}

// slug is a name as it stands in the address of its page.
func slug(name string) string {
	name = strings.ReplaceAll(strings.ToLower(name), "'", "")
	return strings.ReplaceAll(name, " ", "-")
}

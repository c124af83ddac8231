package notice

import (
	"slices"
	"strconv"
	"strings"
)

// Money is an amount as Stripe counts it.
type Money struct {
	Amount   int64  // in the currency's smallest unit: 999 is 9.99 USD, and 999 JPY
	Currency string // ISO 4217, in any case
}

// String is the amount as a mail shows it: 9.99 USD.
func (m Money) String() string {
	currency := strings.ToUpper(m.Currency)
	decimals := decimalsOf(currency)
	digits := strconv.FormatInt(max(m.Amount, -m.Amount), 10)
	if missing := decimals + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	if decimals > 0 {
		digits = digits[:len(digits)-decimals] + "." + digits[len(digits)-decimals:]
	}
	if m.Amount < 0 {
		digits = "-" + digits
	}
	return digits + " " + currency
}

// decimalsOf is how many decimals Stripe's amounts in a currency have (https://docs.stripe.com/currencies).
func decimalsOf(currency string) int {
	switch {
	case slices.Contains(strings.Fields("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"), currency):
		return 0
	case slices.Contains(strings.Fields("BHD JOD KWD OMR TND"), currency):
		return 3
	}
	return 2
}

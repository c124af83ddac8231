package sandbox

import (
	"cmp"
	"html/template"
	"strconv"
	"strings"
	"time"
)

// pageWords are what the templates of the pages format with.
func pageWords() template.FuncMap {
	return template.FuncMap{
		"money":    money,
		"date":     func(at time.Time) string { return at.UTC().Format("2 January 2006") },
		"moment":   func(at time.Time) string { return at.UTC().Format("2 January, 15:04 MST") },
		"standing": standing,
		"onFile":   onFile,
	}
}

// money writes an amount of the smallest unit: -999 usd is "−$9.99".
func money(amount int64, currency string) string {
	sign := ""
	if amount < 0 {
		sign, amount = "−", -amount
	}
	digits := strconv.FormatInt(amount, 10)
	if places := decimals(currency); places > 0 {
		digits = strings.Repeat("0", max(0, places+1-len(digits))) + digits
		digits = digits[:len(digits)-places] + "." + digits[len(digits)-places:]
	}
	symbols := map[string]string{"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}
	return sign + cmp.Or(symbols[currency], strings.ToUpper(currency)+" ") + digits
}

// decimals of a currency as Stripe counts it.
func decimals(currency string) int {
	switch currency {
	case "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf":
		return 0
	case "bhd", "jod", "kwd", "omr", "tnd":
		return 3
	}
	return 2
}

// standing says how a subscription goes on.
func standing(sub portalSubscription) string {
	end := sub.PeriodEnd.UTC().Format("2 January 2006")
	switch {
	case sub.CancelAtPeriodEnd:
		return "Cancelled, ends on " + end
	case sub.Status == statusTrialing:
		return "Trial, the first payment is due on " + end
	case sub.Status == statusPastDue, sub.Status == statusUnpaid:
		return "The last payment failed"
	}
	return "Renews on " + end
}

// onFile says what is known of the card that later payments are charged to.
func onFile(card Card) string {
	switch card {
	case CardPays:
		return "a card that pays"
	case CardDeclines:
		return "a card that is declined"
	case CardNeedsAction:
		return "a card that asks for 3-D Secure"
	case CardPaysOnce:
		return "a card that pays once more"
	}
	return "none"
}

package blackbox

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
)

// downgradeActsAtOnce: when Stripe tells of the end of a plan, the next request is held to the free one, with the token
// that the user has.
func downgradeActsAtOnce(c *client) {
	u := c.newUser()
	session, _ := c.post("/v1/users/me/subscribe", u.token, fields{"desired_tier": "premium"}).json()["session_id"].(string)
	if err := c.s.stripe.Pay(session, "pays"); err != nil {
		c.t.Fatalf("pay %q: %v", session, err)
	}
	has := func(tier string) func() bool {
		return func() bool { return c.get("/v1/users/me", u.token).json()["tier"] == tier }
	}
	if !eventually(has("premium")) {
		c.t.Fatal("the payment has no effect")
	}
	if answer := c.uploadLarge(u); answer.status != http.StatusOK {
		c.t.Fatalf("a file that the plan allows: %v", answer)
	}
	customer := ""
	for _, made := range c.s.stripe.Customers() {
		if made.Email == u.email {
			customer = made.ID
		}
	}
	for _, live := range c.s.stripe.Live(customer) {
		if err := c.s.stripe.CancelSubscription(live.ID); err != nil {
			c.t.Fatal(err)
		}
	}
	if !eventually(has("free")) {
		c.t.Fatal("the end of the plan has no effect")
	}
	if answer := c.uploadLarge(u); answer.status != http.StatusPaymentRequired || answer.json()["code"] != "plan_limit" {
		c.t.Errorf("the same file afterwards: %v", answer)
	}
}

// uploadLarge uploads a logbook that is larger than the free plan allows.
func (c *client) uploadLarge(u user) answer {
	c.t.Helper()
	row := "2026-05-01,Dawn,5.9,,https://www.mountainproject.com/route/900000002/x,1,\"Granite State > Echo Dome\",3.0,-1,Lead,Onsight,Sport,,80,2400\n"
	content := `Date,Route,Rating,Notes,URL,Pitches,Location,"Avg Stars","Your Stars",Style,"Lead Style","Route Type","Your Rating",Length,"Rating Code"` + "\n" +
		strings.Repeat(row, 5) + strings.Repeat(strings.Repeat(",", 14)+strings.Repeat(" ", 4_000)+"\n", 1_500)
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	part, _ := writer.CreateFormFile("file", "large.csv")
	_, _ = part.Write([]byte(content)) // a buffer takes everything
	_ = writer.Close()
	return c.send("POST", "/v1/users/me/ticks/import", u.token, buffer.String(), "Content-Type", writer.FormDataContentType())
}

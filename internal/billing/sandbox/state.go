package sandbox

import (
	"encoding/json"
	"time"
)

// state is all that a sandbox knows; times are Unix seconds, as in the API.
type state struct {
	Prefix        string
	Counter       int
	Offset        time.Duration // what Advance added to the time
	Prices        table[*price]
	Customers     table[*customer]
	Sessions      table[*session]
	Subscriptions table[*subscription]
	Invoices      table[*invoice]
	Portals       table[*portal]
	Events        table[*event]
	Keys          map[string]*storedAnswer
	Ledger        []Charge
}

// row is something with an id.
type row interface{ rowID() string }

// table keeps rows in the order of their creation.
type table[R row] struct {
	Rows []R
	byID map[string]R
}

func (t *table[R]) add(r R) {
	if t.byID == nil {
		t.byID = map[string]R{}
	}
	t.Rows = append(t.Rows, r)
	t.byID[r.rowID()] = r
}

// index is for rows that were read from a file.
func (t *table[R]) index() {
	rows := t.Rows
	t.Rows, t.byID = nil, nil
	for _, r := range rows {
		t.add(r)
	}
}

func (t *table[R]) get(id string) (R, bool) {
	r, ok := t.byID[id]
	return r, ok
}

type price struct {
	ID, Product, Nickname, Currency, Interval string
	Amount                                    int64
	TrialDays                                 int
	Created                                   int64
	Inactive                                  bool

	asPrice, asPlan json.RawMessage
}

type customer struct {
	ID, Email, Name, Description string
	Metadata                     map[string]string
	Balance                      int64 // negative: credit for the next invoice
	Card                         Card  // the default payment method; "": none
	CardID                       string
	Created                      int64
	Deleted                      bool
	InvoiceCount                 int

	sessions      []*session
	subscriptions []*subscription
	invoices      []*invoice
}

// orderItem is a price and how many of it.
type orderItem struct {
	ID, Price string
	Quantity  int64
	Created   int64
}

type session struct {
	ID, Customer, CustomerEmail, ClientReference string
	SuccessURL, CancelURL                        string
	Metadata, SubscriptionMetadata               map[string]string
	Items                                        []orderItem
	TrialEnd, TrialDays                          int64
	AllowPromotionCodes                          bool
	CardCollection                               string
	Created, ExpiresAt                           int64
	Status, PaymentStatus                        string
	Subscription, Invoice                        string
}

type subscription struct {
	ID, Customer, Status, Description string
	Items                             []orderItem
	Metadata                          map[string]string
	Created, StartDate                int64
	Anchor                            int64 // billing cycles are counted from here
	PeriodStart, PeriodEnd            int64
	TrialStart, TrialEnd              int64
	CancelAtPeriodEnd                 bool
	CancelAt, CanceledAt, EndedAt     int64
	CancelReason, Feedback, Comment   string
	LatestInvoice                     string
	Pending                           []line // credits and charges for the next invoice
	Update                            *pendingUpdate
	RecentInvoices                    []int64 // when the invoices of the last day were made: Stripe limits them
}

// pendingUpdate waits until its invoice is paid.
type pendingUpdate struct {
	Invoice   string
	Items     []orderItem
	ExpiresAt int64
}

type invoice struct {
	ID, Number, Customer, Subscription string
	Status, Reason, Currency           string
	Lines                              []line
	Total                              int64
	StartingBalance, EndingBalance     int64
	AmountDue, AmountPaid              int64
	Created, PeriodStart, PeriodEnd    int64
	FinalizedAt, PaidAt, VoidedAt      int64
	Attempts                           int
	NextAttempt                        int64 // 0: no further attempt is planned
	AutoAdvance                        bool
	SubscriptionMetadata               map[string]string
	Intent                             *intent
}

// line is one line of an invoice; a negative amount is credit.
type line struct {
	ID, Description, Price, Item string
	Amount, Quantity             int64
	PeriodStart, PeriodEnd       int64
	Proration                    bool
}

// intent is the attempt to pay an invoice.
type intent struct {
	ID, Secret, Status string
	Amount             int64
	Created            int64
	Code, DeclineCode  string // of the last failure
}

type portal struct {
	ID, Customer, ReturnURL string
	Flow, FlowSubscription  string
	FlowReturnURL           string // where the customer goes after the flow; "": a page that says so
	Created                 int64
}

func (p *price) rowID() string        { return p.ID }
func (c *customer) rowID() string     { return c.ID }
func (c *session) rowID() string      { return c.ID }
func (s *subscription) rowID() string { return s.ID }
func (i *invoice) rowID() string      { return i.ID }
func (p *portal) rowID() string       { return p.ID }

// The statuses of subscriptions.
const (
	statusIncomplete = "incomplete"
	statusExpired    = "incomplete_expired"
	statusTrialing   = "trialing"
	statusActive     = "active"
	statusPastDue    = "past_due"
	statusUnpaid     = "unpaid"
	statusCanceled   = "canceled"
)

// The statuses of sessions and invoices.
const (
	sessionOpen     = "open"
	sessionComplete = "complete"
	sessionExpired  = "expired"

	invoiceDraft = "draft"
	invoiceOpen  = "open"
	invoicePaid  = "paid"
	invoiceVoid  = "void"
)

// live subscriptions can still cost money.
func (s *subscription) live() bool {
	return !s.ended() && s.Status != statusIncomplete
}

func (s *subscription) ended() bool {
	return s.Status == statusCanceled || s.Status == statusExpired
}

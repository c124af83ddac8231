package notice_test

import (
	"bytes"
	"io"
	"net"
	"net/mail"
	"slices"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/pbtest"
)

// received is a mail that the server has accepted.
type received struct {
	recipients []string
	raw        string
	*mail.Message
}

// mailServer is an SMTP server whose behaviour a test sets while it runs.
type mailServer struct {
	address *net.TCPAddr

	mu       sync.Mutex
	mails    []received
	onRcpt   func() error
	onData   func(c *smtp.Conn) error // after the mail was read and accepted
	stalled  chan struct{}            // has one for each conversation that began to wait in stall
	released chan struct{}            // closed to end the waits
}

// newMailServer listens until the test ends.
func newMailServer(t *testing.T) *mailServer {
	t.Helper()
	s := &mailServer{stalled: make(chan struct{}, 100), released: make(chan struct{})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.serve(t, listener)
	return s
}

// serve takes mails from a listener.
func (s *mailServer) serve(t *testing.T, listener net.Listener) {
	t.Helper()
	s.address = listener.Addr().(*net.TCPAddr)
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &conversation{server: s, conn: c}, nil }))
	server.Domain = "mail.example.com"
	server.ErrorLog = quiet{}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
}

// use makes the app send through the server. The settings are set and not saved: saving them sets the level of
// PocketBase's logger, unguarded, while the app's background work logs.
func (s *mailServer) use(app *pbtest.App) {
	app.OnMailerSend().UnbindAll() // the test app's own mailer sends nothing
	settings := app.Settings()
	settings.SMTP = core.SMTPConfig{Enabled: true, Host: s.address.IP.String(), Port: s.address.Port, LocalName: "app.example.com"}
	settings.Meta.SenderName, settings.Meta.SenderAddress = "Cragbase", "hello@climb.example.com"
	settings.Meta.AppURL = "https://climb.example.com"
}

// behave sets what happens from now on; nil is the plain way.
func (s *mailServer) behave(onRcpt func() error, onData func(c *smtp.Conn) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onRcpt, s.onData = onRcpt, onData
}

// stall is a behaviour: the server says nothing until the test releases it.
func (s *mailServer) stall() {
	s.stalled <- struct{}{}
	<-s.released
}

// accepted lists the mails so far.
func (s *mailServer) accepted() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// conversation is one session of a client.
type conversation struct {
	server     *mailServer
	conn       *smtp.Conn
	recipients []string
}

func (c *conversation) behaviour() (func() error, func(*smtp.Conn) error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.server.onRcpt, c.server.onData
}

func (c *conversation) Mail(string, *smtp.MailOptions) error { return nil }

func (c *conversation) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.recipients = append(c.recipients, to)
	if onRcpt, _ := c.behaviour(); onRcpt != nil {
		return onRcpt()
	}
	return nil
}

func (c *conversation) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	c.server.mu.Lock()
	c.server.mails = append(c.server.mails, received{c.recipients, string(raw), message})
	c.server.mu.Unlock()
	if _, onData := c.behaviour(); onData != nil {
		return onData(c.conn)
	}
	return nil
}

func (c *conversation) Reset()        { c.recipients = nil }
func (c *conversation) Logout() error { return nil }

// reply is an SMTP error reply.
func reply(code int, message string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: message}
}

// quiet drops what the server would log about broken connections.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

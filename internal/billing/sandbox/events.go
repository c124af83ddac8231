package sandbox

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
)

// keepEvents is how long Stripe lists an event.
const keepEvents = 30 * day

// Event is something that happened, as webhooks tell it. Object is the id of what it happened to.
type Event struct {
	ID, Type, Object, Customer string
	Created                    time.Time
	Payload                    []byte // a snapshot of that time
}

type event struct {
	ID, Type, Object, Customer string
	Created                    int64
	Payload                    json.RawMessage
	Delivered, Dropped         bool
	Attempts                   int

	nextTry time.Time
}

func (e *event) rowID() string { return e.ID }

func (e *event) public() Event {
	return Event{ID: e.ID, Type: e.Type, Object: e.Object, Customer: e.Customer, Created: time.Unix(e.Created, 0), Payload: bytes.Clone(e.Payload)}
}

// waiting events are still to be delivered.
func (e *event) waiting() bool { return !e.Delivered && !e.Dropped }

// origin is the request that made an event; zero when nobody asked.
type origin struct{ id, key string }

// emit records an event with a snapshot of its object.
func (s *Sandbox) emit(kind, customerID string, of, previous object) {
	data := object{"object": of}
	if previous != nil {
		data["previous_attributes"] = previous
	}
	id, _ := of["id"].(string)
	e := &event{ID: s.newID("evt"), Type: kind, Object: id, Customer: customerID, Created: s.now(), Delivered: !s.config.Hold && s.config.WebhookURL == ""}
	waiting := 1
	if e.Delivered {
		waiting = 0
	}
	payload, err := json.Marshal(object{
		"id": e.ID, "object": "event", "api_version": APIVersion, "created": e.Created, "data": data, "livemode": false, "pending_webhooks": waiting,
		"request": object{"id": null(s.origin.id), "idempotency_key": null(s.origin.key)}, "type": kind,
	})
	if err != nil {
		panic(err) // of maps, strings and numbers
	}
	e.Payload = payload
	s.state.Events.add(e)
	s.forgetEvents()
}

// emitChange records an event only if something changed.
func (s *Sandbox) emitChange(kind, customerID string, before, after object) {
	if previous := difference(before, after); len(previous) > 0 {
		s.emit(kind, customerID, after, previous)
	}
}

func (s *Sandbox) forgetEvents() {
	events := &s.state.Events
	for events.Rows[0].Created < s.now()-keepEvents {
		delete(events.byID, events.Rows[0].ID)
		events.Rows = events.Rows[1:]
	}
}

// Events returns those of the last 30 days, oldest first.
func (s *Sandbox) Events() []Event {
	return s.eventsThat(func(*event) bool { return true })
}

// Pending returns the events that wait for Deliver, oldest first.
func (s *Sandbox) Pending() []Event {
	return s.eventsThat((*event).waiting)
}

func (s *Sandbox) eventsThat(keep func(*event) bool) []Event {
	s.lock()
	defer s.unlock()
	var found []Event
	for _, e := range s.state.Events.Rows {
		if keep(e) && e.Created >= s.now()-keepEvents {
			found = append(found, e.public())
		}
	}
	return found
}

func (s *Sandbox) getEvent(r *request) (any, *apiError) {
	e, ok := s.state.Events.get(r.id)
	if !ok || e.Created < s.now()-keepEvents {
		return nil, missing("event", r.id, "id")
	}
	return e.Payload, nil
}

func (s *Sandbox) listEvents(r *request) (any, *apiError) {
	if fault := r.form.only(listParams("type", "types[]", "delivery_success")...); fault != nil {
		return nil, fault
	}
	created, fault := r.form.created()
	if fault != nil {
		return nil, fault
	}
	success, fault := r.form.boolean("delivery_success", false)
	if fault != nil {
		return nil, fault
	}
	types := r.form.list("types")
	if len(types) > 0 && r.form.has("type") {
		return nil, invalid("types", "You may only specify one of these parameters: type, types.")
	}
	if kind := r.form.get("type"); kind != "" {
		types = []string{kind}
	}
	keep := func(e *event) bool {
		return created(e.Created) && e.Created >= s.now()-keepEvents && (len(types) == 0 || slices.ContainsFunc(types, e.is)) &&
			(!r.form.has("delivery_success") || e.Delivered == success)
	}
	return page(r.form, r.path, s.state.Events.Rows, keep, func(e *event) json.RawMessage { return e.Payload })
}

// is compares types; "customer.*" means all that begin so.
func (e *event) is(kind string) bool {
	prefix, any := bytes.CutSuffix([]byte(kind), []byte("*"))
	return e.Type == kind || any && bytes.HasPrefix([]byte(e.Type), prefix)
}

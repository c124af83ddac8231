package notice

// AwaitLate returns when an attempt that was given up has its outcome, and leaves it to be heard.
func (o *Outbox) AwaitLate(id string) {
	o.mu.Lock()
	outcome := o.late[id]
	o.mu.Unlock()
	again := make(chan error, 1)
	again <- <-outcome
	o.mu.Lock()
	o.late[id] = again
	o.mu.Unlock()
}

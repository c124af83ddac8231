package analytics

// Version is the version of the logbook that a key was read at.
func (k Key) Version() int64 { return k.version }

package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// clockTick is the unit of times in /proc: USER_HZ is 100 on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// cpuTime is the processor time that the process has used so far, in user mode and in the kernel.
func (s *server) cpuTime() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.pid))
	if err != nil {
		return 0, fmt.Errorf("read processor time: %w", err)
	}
	used, err := parseStat(stat)
	if err != nil {
		return 0, fmt.Errorf("read processor time: %w", err)
	}
	return used, nil
}

// parseStat adds up the fields utime and stime of /proc/<pid>/stat, see proc_pid_stat(5). The second field is the name of
// the program in parentheses and may itself hold spaces and parentheses, so counting starts behind the last one.
func parseStat(stat []byte) (time.Duration, error) {
	const utime, stime = 14, 15 // counted from 1
	const firstBehindName = 3
	end := bytes.LastIndexByte(stat, ')')
	fields := bytes.Fields(stat[end+1:])
	if end < 0 || len(fields) <= stime-firstBehindName {
		return 0, fmt.Errorf("not a line of /proc/<pid>/stat: %.100q", stat)
	}
	var ticks int64
	for _, field := range []int{utime, stime} {
		n, err := strconv.ParseUint(string(fields[field-firstBehindName]), 10, 32)
		if err != nil {
			return 0, fmt.Errorf("field %d of /proc/<pid>/stat: %w", field, err)
		}
		ticks += int64(n)
	}
	return time.Duration(ticks) * clockTick, nil
}

package fakemodel

import "fmt"

// CallsWithoutIDs leaves out the ids of tool calls (Ollama, continue#13225).
func CallsWithoutIDs(list ...Call) Script {
	return pieceByPiece(list, func(i int) (int, string) { return i, "" }, "tool_calls")
}

// CallsWithoutIndex leaves out the indexes (ollama#7881).
func CallsWithoutIndex(list ...Call) Script {
	return pieceByPiece(list, func(i int) (int, string) { return -1, fmt.Sprintf("call_%d", i+1) }, "tool_calls")
}

// CallsWithNeither leaves out ids and indexes.
func CallsWithNeither(list ...Call) Script {
	return pieceByPiece(list, func(int) (int, string) { return -1, "" }, "tool_calls")
}

// CallsAllIndexZero gives every parallel call the index 0 (litellm#33678).
func CallsAllIndexZero(list ...Call) Script {
	return pieceByPiece(list, func(i int) (int, string) { return 0, fmt.Sprintf("call_%d", i+1) }, "tool_calls")
}

// CallsEndingInStop says "stop" despite its tool calls (litellm#36700).
func CallsEndingInStop(list ...Call) Script {
	return pieceByPiece(list, func(i int) (int, string) { return i, fmt.Sprintf("call_%d", i+1) }, "stop")
}

// CallsInOneFrame sends all calls at once, whole, each with index 0 and without an id (Ollama).
func CallsInOneFrame(list ...Call) Script {
	return func(p *Play) {
		var pieces []string
		for _, call := range list {
			pieces = append(pieces, callPiece(0, "", call.Name, call.Arguments))
		}
		p.Frame(calls(pieces...))
		p.end("tool_calls")
	}
}

// CallsWithRepeatedIDs repeats the id and the name with every piece of the arguments, the last of which is empty.
func CallsWithRepeatedIDs(list ...Call) Script {
	return func(p *Play) {
		for i, call := range list {
			first, second := halves(call.Arguments)
			id := fmt.Sprintf("call_%d", i+1)
			p.Frame(calls(callPiece(0, id, call.Name, first)))
			p.Frame(calls(callPiece(0, id, call.Name, second)))
			p.Frame(calls(callPiece(0, id, call.Name, "")))
		}
		p.end("tool_calls")
	}
}

// pieceByPiece sends one call after the other, the name with the first half of the arguments; mark gives its index and id.
func pieceByPiece(list []Call, mark func(i int) (index int, id string), reason string) Script {
	return func(p *Play) {
		p.Frame(opening())
		for i, call := range list {
			index, id := mark(i)
			first, second := halves(call.Arguments)
			p.Frame(calls(callPiece(index, id, call.Name, first)))
			p.Frame(calls(callPiece(index, "", "", second)))
		}
		p.end(reason)
	}
}

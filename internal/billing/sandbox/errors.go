package sandbox

import (
	"fmt"
	"net/http"
)

// apiError is an error as the API answers it.
type apiError struct {
	Status      int
	Type        string
	Code        string
	DeclineCode string
	Param       string
	Message     string
	Intent      object // of the payment that failed
}

func (e *apiError) Error() string { return e.Message }

func (e *apiError) object(requestID string) object {
	fields := object{"type": e.Type, "message": e.Message, "request_log_url": "https://dashboard.stripe.com/test/logs/" + requestID}
	for name, value := range map[string]string{"code": e.Code, "decline_code": e.DeclineCode, "param": e.Param} {
		if value != "" {
			fields[name] = value
		}
	}
	if e.Code != "" {
		fields["doc_url"] = "https://stripe.com/docs/error-codes/" + dashes(e.Code)
	}
	if e.Intent != nil {
		fields["payment_intent"] = e.Intent
	}
	return object{"error": fields}
}

func invalid(param, format string, args ...any) *apiError {
	return &apiError{Status: http.StatusBadRequest, Type: "invalid_request_error", Param: param, Message: fmt.Sprintf(format, args...)}
}

func missingParam(param string) *apiError {
	e := invalid(param, "Missing required param: %s.", param)
	e.Code = "parameter_missing"
	return e
}

// missing says that what a parameter names does not exist: 400, but 404 for the object of the path, whose parameter is "id".
func missing(kind, id, param string) *apiError {
	e := invalid(param, "No such %s: '%s'", kind, id)
	e.Code = "resource_missing"
	if param == "id" {
		e.Status = http.StatusNotFound
	}
	return e
}

func notModelled(param string) *apiError {
	e := invalid(param, "Received unknown parameter: %s", param)
	e.Code = "parameter_unknown"
	return e
}

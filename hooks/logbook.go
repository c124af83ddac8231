package hooks

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/dustin/go-humanize"
	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/plan"
)

// postImport: POST /v1/users/me/ticks/import
func (s *server) postImport(e *core.RequestEvent) error {
	limits, err := plan.Of(e.App, e.Auth.GetString(account.FieldTier))
	if err != nil {
		return err
	}
	request, err := readImport(e.Request, limits.MaxUploadBytes)
	if err != nil {
		return err
	}
	report, jobID, err := logbook.Accept(e.App, e.Auth.Id, request.file, request.source, request.mode,
		logbook.Limits{Ticks: limits.MaxTicks}, enqueueImport(e.Auth.Id))
	if err != nil {
		return err
	}
	if jobID != "" {
		return e.JSON(http.StatusAccepted, acceptedImport{JobID: jobID, ImportID: report.ImportID})
	}
	return e.JSON(http.StatusOK, report)
}

// acceptedImport tells where to watch an import that runs in the background: the record of the imports collection.
type acceptedImport struct {
	JobID    string `json:"job_id"`
	ImportID string `json:"import_id"`
}

type importRequest struct {
	file   logbook.File
	source logbook.Source
	mode   logbook.Mode
	seen   map[string]bool // parts by name
}

// readImport reads the form, part by part so that no more than maxBytes of the file is ever in memory.
func readImport(r *http.Request, maxBytes int64) (*importRequest, error) {
	if mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType != "multipart/form-data" {
		return nil, fmt.Errorf("%w: send the file as multipart/form-data", errMediaType)
	}
	if body, ok := r.Body.(*router.RereadableReadCloser); ok {
		r.Body = body.ReadCloser // PocketBase's would keep a second copy of all that is read
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errInvalidMultipart, err)
	}
	request := &importRequest{source: logbook.SourceAuto, mode: logbook.Merge, seen: map[string]bool{}}
	problems := validation.Errors{"file": validation.NewError("validation_required", "Attach the export of your logbook.")}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, multipartError(err)
		}
		if err := request.take(part, maxBytes, problems); err != nil {
			return nil, err
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return request, nil
}

// take reads one part of the form.
func (request *importRequest) take(part *multipart.Part, maxBytes int64, problems validation.Errors) error {
	name := part.FormName()
	if request.seen[name] {
		problems[name] = validation.NewError("validation_repeated", "Send this field once.")
		return nil
	}
	request.seen[name] = true
	most := int64(100)
	if name == "file" {
		most = maxBytes
	}
	content, err := io.ReadAll(io.LimitReader(part, most+1))
	if err != nil {
		return multipartError(err)
	}
	value := string(content[:min(len(content), 100)])
	switch name {
	case "file":
		if int64(len(content)) > most {
			// A client that is still sending would not read the answer.
			if _, err := io.Copy(io.Discard, part); err != nil {
				return multipartError(err)
			}
			return fmt.Errorf("%w: the file is larger than the %s that your plan allows", logbook.ErrPlanLimit, humanize.IBytes(uint64(most)))
		}
		delete(problems, name)
		request.file = logbook.File{Name: part.FileName(), Content: content}
	case "source":
		request.source = logbook.Source(value)
		checkIn(problems, name, value, logbook.ImportSources()...)
	case "mode":
		request.mode = logbook.Mode(value)
		checkIn(problems, name, value, logbook.Merge, logbook.Replace)
	default:
		problems[name] = validation.NewError("unknown_field", "There is no such field; there are file, source and mode.")
	}
	return nil
}

func multipartError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return fmt.Errorf("%w: %w", errInvalidMultipart, err)
}

// checkIn adds a problem when value is none of those allowed.
func checkIn[T ~string](problems validation.Errors, field, value string, allowed ...T) {
	names := make([]string, len(allowed))
	for i, a := range allowed {
		if string(a) == value {
			return
		}
		names[i] = string(a)
	}
	problems[field] = validation.NewError("validation_in_invalid", "Must be one of "+strings.Join(names, ", ")+".")
}

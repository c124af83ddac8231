package hooks_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/pbtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every rule and every hidden flag stands in a file, so that a change of one is seen in review.
func TestRulesGolden(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	collections, err := app.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(collections, func(a, b *core.Collection) int { return strings.Compare(a.Name, b.Name) })
	var got strings.Builder
	for _, c := range collections {
		fmt.Fprintf(&got, "%s (%s)\n", c.Name, c.Type)
		for _, rule := range []struct {
			name string
			rule *string
		}{{"list", c.ListRule}, {"view", c.ViewRule}, {"create", c.CreateRule}, {"update", c.UpdateRule}, {"delete", c.DeleteRule}} {
			fmt.Fprintf(&got, "  %-6s %s\n", rule.name, showRule(rule.rule))
		}
		if c.IsAuth() {
			fmt.Fprintf(&got, "  auth   %s\n  manage %s\n", showRule(c.AuthRule), showRule(c.ManageRule))
			fmt.Fprintf(&got, "  password by %v, OAuth2 %v, OTP %v, MFA %v, alert %v\n", c.PasswordAuth.IdentityFields, c.OAuth2.Enabled, c.OTP.Enabled, c.MFA.Enabled, c.AuthAlert.Enabled)
		}
		for _, field := range c.Fields {
			fmt.Fprintf(&got, "    %-22s %s%s\n", field.GetName(), field.Type(), flags(field))
		}
		for _, index := range c.Indexes {
			fmt.Fprintf(&got, "    %s\n", index)
		}
	}
	golden := "testdata/rules.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("rules differ from %s; look at every difference, then run: go test ./hooks -run RulesGolden -update\n%s", golden, got.String())
	}
}

func showRule(rule *string) string {
	switch {
	case rule == nil:
		return "superusers only"
	case *rule == "":
		return "everybody"
	}
	return *rule
}

func flags(field core.Field) string {
	var flags string
	if field.GetHidden() {
		flags += " hidden"
	}
	if relation, ok := field.(*core.RelationField); ok && relation.CascadeDelete {
		flags += " cascade"
	}
	return flags
}

// A small load, tested without an account, inside imednet-sandbox run --allow-faults -- …
package load

import (
	"database/sql"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/snowflakedb/gosnowflake"
)

const (
	load = "COPY INTO visits FROM @loads FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
	// Set by imednet-sandbox run. Nobody can be asked whether a certificate that was made a moment ago has been revoked.
	account = "${SNOWFLAKE_USER}:${SNOWFLAKE_PASSWORD}@${SNOWFLAKE_HOST}:${SNOWFLAKE_PORT}/${SNOWFLAKE_DATABASE}/${SNOWFLAKE_SCHEMA}" +
		"?account=${SNOWFLAKE_ACCOUNT}&warehouse=${SNOWFLAKE_WAREHOUSE}&protocol=${SNOWFLAKE_PROTOCOL}&disableOCSPChecks=true"
	ordersRoute = "http://${SNOWFLAKE_HOST}:${SNOWFLAKE_PORT}/sandbox/orders"
)

func run(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func expect(t *testing.T, db *sql.DB, query, expected string) {
	t.Helper()
	var got string
	if err := db.QueryRow(query).Scan(&got); err != nil || got != expected {
		t.Errorf("%s: got %q, %v; expected %q", query, got, err, expected)
	}
}

// A connection, and the file on a stage of its own.
func staged(t *testing.T) *sql.DB {
	db, err := sql.Open("snowflake", os.ExpandEnv(account))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	file, err := filepath.Abs("../visits.parquet")
	if err != nil {
		t.Fatal(err)
	}
	run(t, db, "CREATE OR REPLACE TABLE visits (id NUMBER(9,0), subject VARCHAR, visited DATE)")
	run(t, db, "CREATE OR REPLACE STAGE loads")
	run(t, db, "PUT 'file://"+file+"' @loads AUTO_COMPRESS = FALSE")
	return db
}

// Gives an order for something to go wrong, or tells of each how often it fired, or (DELETE) takes them back.
func orders(t *testing.T, method, order string) string {
	request, err := http.NewRequest(method, os.ExpandEnv(ordersRoute), strings.NewReader(order))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	told, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", method, answer.Status, err)
	}
	return string(told)
}

func TestTheFileIsLoaded(t *testing.T) {
	db := staged(t)
	run(t, db, load)
	expect(t, db, "SELECT COUNT(*) FROM visits", "3")
	expect(t, db, "SELECT subject FROM visits WHERE visited = '2026-01-06'", "S-002")
	expect(t, db, "SELECT id FROM visits WHERE subject IS NULL", "3")
}

// The connection ends after the COPY had its effect: the driver asks again, and the rows are there once.
func TestALostAnswerDoublesNothing(t *testing.T) {
	db := staged(t)
	orders(t, http.MethodPost, `{"match": {"statement_contains": "COPY INTO visits"}, "do": {"cut_answers": 1}}`)
	t.Cleanup(func() { orders(t, http.MethodDelete, "") })
	run(t, db, load)
	if told := orders(t, http.MethodGet, ""); !strings.Contains(told, `"fired":1`) {
		t.Error("the order did not fire:", told)
	}
	expect(t, db, "SELECT COUNT(*) FROM visits", "3")
}

// gosnowflake as a client of the steps: a command a line in, an answer a line out (docs/sandbox-clients.md).
package main

import (
	"bufio"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"strconv"
	"strings"
	"time"

	sf "github.com/snowflakedb/gosnowflake"
)

type command struct {
	Do, Host, Protocol, Account, User, Auth, Password, Token, Database, Schema, Warehouse, Role string
	PrivateKey                                                                                  string `json:"private_key"`
	Port                                                                                        int
	Parameters                                                                                  map[string]string
	Sql                                                                                         string
	Binds                                                                                       []any
	Update                                                                                      bool
	BindRows                                                                                    [][]any `json:"bind_rows"`
}

type answer map[string]any

type client struct {
	db      *sql.DB
	conn    *sql.Conn
	cancel  context.CancelFunc
	running chan answer
}

func failure(err error) answer {
	var known *sf.SnowflakeError
	if errors.As(err, &known) {
		return answer{"error": answer{"code": known.Number, "sqlstate": known.SQLState, "message": known.Message}}
	}
	if errors.Is(err, context.Canceled) {
		return answer{"error": answer{"code": "canceled", "sqlstate": nil, "message": err.Error()}}
	}
	return answer{"error": answer{"code": nil, "sqlstate": nil, "message": err.Error()}}
}

func (c *client) connect(given command) answer {
	config := &sf.Config{
		Host: given.Host, Port: given.Port, Protocol: given.Protocol, Account: given.Account, User: given.User, Password: given.Password,
		Token: given.Token, Database: given.Database, Schema: given.Schema, Warehouse: given.Warehouse, Role: given.Role,
		LoginTimeout: 20 * time.Second, DisableOCSPChecks: true, Params: map[string]*string{},
	}
	for name, value := range given.Parameters {
		config.Params[name] = &value
	}
	switch given.Auth {
	case "key_pair":
		block, _ := pem.Decode([]byte(given.PrivateKey))
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return failure(err)
		}
		config.PrivateKey, config.Authenticator = key.(*rsa.PrivateKey), sf.AuthTypeJwt
	case "oauth":
		config.Authenticator = sf.AuthTypeOAuth
	case "access_token":
		config.Authenticator = sf.AuthTypePat
	}
	c.db = sql.OpenDB(sf.NewConnector(sf.SnowflakeDriver{}, *config))
	var err error
	if c.conn, err = c.db.Conn(context.Background()); err != nil {
		c.db.Close()
		return failure(err)
	}
	return answer{"ok": true}
}

// In the one form that all clients give: text, or nothing.
func normal(value driver.Value, kind string, scale int64) any {
	switch typed := value.(type) {
	case nil:
		return nil
	case time.Time:
		switch kind {
		case "DATE":
			return typed.Format("2006-01-02")
		case "TIME":
			return typed.Format("15:04:05.000000000")
		case "TIMESTAMP_NTZ":
			return typed.Format("2006-01-02 15:04:05.000000000")
		}
		return typed.UTC().Format("2006-01-02 15:04:05.000000000Z")
	case []byte:
		return strings.ToUpper(fmt.Sprintf("%x", typed))
	case float64:
		return strconv.FormatFloat(typed, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(typed)
	case *big.Int:
		return typed.String()
	case big.Int:
		return typed.String()
	case *big.Float:
		return typed.Text('f', int(scale))
	case big.Float:
		return typed.Text('f', int(scale))
	case string:
		if yes, err := strconv.ParseBool(typed); kind == "BOOLEAN" && err == nil { // JSON has 1 and 0
			return strconv.FormatBool(yes)
		}
	}
	return fmt.Sprint(value)
}

func arguments(binds []any) []driver.NamedValue {
	var out []driver.NamedValue
	for at, value := range binds {
		if number, ok := value.(json.Number); ok {
			if whole, err := number.Int64(); err == nil {
				value = whole
			} else {
				value, _ = number.Float64()
			}
		}
		out = append(out, driver.NamedValue{Ordinal: at + 1, Value: value})
	}
	return out
}

// The driver sends whole columns: of text, or of whole numbers.
func columns(rows [][]any) []driver.NamedValue {
	var out []driver.NamedValue
	for at := range rows[0] {
		var texts []string
		var numbers []int64
		for _, row := range rows {
			if number, ok := row[at].(json.Number); ok {
				whole, _ := number.Int64()
				numbers = append(numbers, whole)
			} else {
				texts = append(texts, fmt.Sprint(row[at]))
			}
		}
		column := sf.Array(&texts)
		if len(numbers) > 0 {
			column = sf.Array(&numbers)
		}
		out = append(out, driver.NamedValue{Ordinal: at + 1, Value: column})
	}
	return out
}

func read(rows driver.Rows) answer {
	defer rows.Close()
	names := rows.Columns()
	table := [][]any{}
	for {
		cells := make([]driver.Value, len(names))
		if err := rows.Next(cells); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return failure(err)
		}
		row := make([]any, len(names))
		for at, cell := range cells {
			kind := rows.(driver.RowsColumnTypeDatabaseTypeName).ColumnTypeDatabaseTypeName(at)
			_, scale, _ := rows.(driver.RowsColumnTypePrecisionScale).ColumnTypePrecisionScale(at)
			row[at] = normal(cell, kind, scale)
		}
		table = append(table, row)
	}
	return answer{"columns": names, "rows": table, "count": nil, "id": rows.(sf.SnowflakeRows).GetQueryID()}
}

func (c *client) execute(ctx context.Context, given command) (out answer) {
	ctx = sf.WithHigherPrecision(ctx)
	if tag := given.Parameters["QUERY_TAG"]; tag != "" {
		ctx = sf.WithQueryTag(ctx, tag)
	}
	err := c.conn.Raw(func(raw any) error {
		if given.Update {
			values := arguments(given.Binds)
			if len(given.BindRows) > 0 {
				values = columns(given.BindRows)
			}
			result, err := raw.(driver.ExecerContext).ExecContext(ctx, given.Sql, values)
			if err != nil {
				return err
			}
			count, _ := result.RowsAffected()
			out = answer{"columns": []string{}, "rows": [][]any{}, "count": count, "id": result.(sf.SnowflakeResult).GetQueryID()}
			return nil
		}
		rows, err := raw.(driver.QueryerContext).QueryContext(ctx, given.Sql, arguments(given.Binds))
		if err == nil {
			out = read(rows)
		}
		return err
	})
	if err != nil {
		return failure(err)
	}
	return out
}

func (c *client) do(given command) answer {
	switch given.Do {
	case "connect":
		return c.connect(given)
	case "execute":
		return c.execute(context.Background(), given)
	case "start":
		var ctx context.Context
		ctx, c.cancel = context.WithCancel(context.Background())
		c.running = make(chan answer, 1)
		go func() { c.running <- c.execute(ctx, given) }()
	case "cancel":
		c.cancel()
	case "alive":
		return answer{"ok": c.conn.PingContext(context.Background()) == nil}
	case "wait":
		return <-c.running
	case "close":
		if err := c.conn.Close(); err != nil {
			return failure(err)
		}
		if err := c.db.Close(); err != nil {
			return failure(err)
		}
	}
	return answer{"ok": true}
}

func main() {
	sf.GetLogger().SetOutput(io.Discard)
	var c client
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		var given command
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.UseNumber()
		if err := decoder.Decode(&given); err != nil {
			fmt.Fprintln(os.Stderr, "not a command:", err)
			os.Exit(2)
		}
		encoded, _ := json.Marshal(c.do(given))
		fmt.Println(string(encoded))
	}
}

// The JDBC driver as a client of the steps: a command a line in, an answer a line out (docs/sandbox-clients.md).
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import net.snowflake.client.api.statement.SnowflakeStatement;
import net.snowflake.client.jdbc.internal.fasterxml.jackson.databind.JsonNode;
import net.snowflake.client.jdbc.internal.fasterxml.jackson.databind.ObjectMapper;
import net.snowflake.client.jdbc.internal.fasterxml.jackson.databind.node.ArrayNode;
import net.snowflake.client.jdbc.internal.fasterxml.jackson.databind.node.ObjectNode;

public class Client {
  static final ObjectMapper JSON = new ObjectMapper();
  static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.nnnnnnnnn").withZone(ZoneOffset.UTC);
  static final Map<String, String> WAYS =
      Map.of("key_pair", "snowflake_jwt", "oauth", "oauth", "access_token", "programmatic_access_token");

  Connection connection;
  volatile Statement statement;
  CompletableFuture<ObjectNode> running;

  static ObjectNode failure(Exception error) {
    ObjectNode answer = JSON.createObjectNode();
    ObjectNode told = answer.putObject("error");
    SQLException known = error instanceof SQLException ? (SQLException) error : null;
    if (known == null) told.putNull("code"); else told.put("code", known.getErrorCode());
    told.put("sqlstate", known == null ? null : known.getSQLState());
    told.put("message", String.valueOf(error.getMessage()));
    return answer;
  }

  static ObjectNode ok() {
    return JSON.createObjectNode().put("ok", true);
  }

  ObjectNode connect(JsonNode given) throws Exception {
    Properties settings = new Properties();
    settings.put("user", given.get("user").asText());
    settings.put("account", given.get("account").asText());
    settings.put("ssl", given.get("protocol").asText().equals("https") ? "on" : "off");
    settings.put("disableOCSPChecks", "true");
    settings.put("disablePlatformDetection", "true");
    settings.put("loginTimeout", "20");
    settings.put("tracing", "OFF");
    settings.put("putGetMaxRetries", "1");  // with its own 25 it tries a refused PUT for minutes [seen]
    settings.put("TIME_OUTPUT_FORMAT", "HH24:MI:SS.FF9");
    for (String name : List.of("database", "schema", "warehouse", "role"))
      if (given.hasNonNull(name)) settings.put(name.equals("database") ? "db" : name, given.get(name).asText());
    String way = given.get("auth").asText();
    if (way.equals("password")) {
      settings.put("password", given.get("password").asText());
    } else {
      settings.put("authenticator", WAYS.get(way));
      if (way.equals("key_pair")) {
        String body = given.get("private_key").asText().replaceAll("-----[A-Z ]+-----|\\s", "");
        PKCS8EncodedKeySpec key = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body));
        settings.put("privateKey", KeyFactory.getInstance("RSA").generatePrivate(key));
      } else {
        settings.put("token", given.get("token").asText());
      }
    }
    if (given.has("parameters")) given.get("parameters").fields().forEachRemaining(one -> settings.put(one.getKey(), one.getValue().asText()));
    connection = DriverManager.getConnection("jdbc:snowflake://" + given.get("host").asText() + ":" + given.get("port").asInt() + "/", settings);
    return ok();
  }

  // In the one form that all clients give: text, or nothing.
  static String normal(ResultSet rows, ResultSetMetaData about, int at) throws SQLException {
    String kind = about.getColumnTypeName(at);
    if (kind.startsWith("TIMESTAMP") || kind.equals("TIME")) {
      if (kind.equals("TIME")) return rows.getString(at);  // as a Timestamp it would end at milliseconds [seen]
      Timestamp moment = rows.getTimestamp(at);
      if (moment == null) return null;
      String text = MOMENT.format(moment.toInstant());
      return kind.equals("TIMESTAMPNTZ") || kind.equals("TIMESTAMP_NTZ") ? text : text + "Z";
    }
    int type = about.getColumnType(at);
    if (type == Types.BOOLEAN) {
      boolean value = rows.getBoolean(at);
      return rows.wasNull() ? null : String.valueOf(value);
    }
    if (type == Types.DOUBLE) {
      double value = rows.getDouble(at);
      return rows.wasNull() ? null : String.valueOf(value);
    }
    return rows.getString(at);
  }

  static void read(ResultSet rows, ObjectNode answer) throws SQLException {
    ResultSetMetaData about = rows.getMetaData();
    ArrayNode columns = answer.putArray("columns");
    ArrayNode table = answer.putArray("rows");
    for (int at = 1; at <= about.getColumnCount(); ++at) columns.add(about.getColumnName(at));
    while (rows.next()) {
      ArrayNode row = table.addArray();
      for (int at = 1; at <= about.getColumnCount(); ++at) row.add(normal(rows, about, at));
    }
  }

  static void bind(PreparedStatement prepared, JsonNode binds) throws SQLException {
    for (int at = 0; at < binds.size(); ++at) {
      JsonNode value = binds.get(at);
      if (value.isNull()) prepared.setNull(at + 1, Types.VARCHAR);
      else if (value.isBoolean()) prepared.setBoolean(at + 1, value.asBoolean());
      else if (value.isIntegralNumber()) prepared.setLong(at + 1, value.asLong());
      else if (value.isNumber()) prepared.setDouble(at + 1, value.asDouble());
      else prepared.setString(at + 1, value.asText());
    }
  }

  static ObjectNode executeBatch(PreparedStatement prepared, JsonNode rows) throws SQLException {
    for (JsonNode row : rows) {
      bind(prepared, row);
      prepared.addBatch();
    }
    int count = 0;
    for (int one : prepared.executeBatch()) count += one;
    ObjectNode answer = JSON.createObjectNode();
    answer.putArray("columns");
    answer.putArray("rows");
    return answer.put("count", count).put("id", (String) null);
  }

  ObjectNode execute(JsonNode given) {
    String sql = given.get("sql").asText();
    boolean bound = given.hasNonNull("binds") || given.hasNonNull("bind_rows");
    try (Statement current = bound ? connection.prepareStatement(sql) : connection.createStatement()) {
      statement = current;
      SnowflakeStatement snowflake = current.unwrap(SnowflakeStatement.class);
      if (given.hasNonNull("parameters"))
        for (var all = given.get("parameters").fields(); all.hasNext();) {
          var one = all.next();
          snowflake.setParameter(one.getKey(), one.getValue().asText());
        }
      if (given.hasNonNull("bind_rows")) return executeBatch((PreparedStatement) current, given.get("bind_rows"));
      if (bound) bind((PreparedStatement) current, given.get("binds"));
      boolean hasRows = bound ? ((PreparedStatement) current).execute() : current.execute(sql);
      ObjectNode answer = JSON.createObjectNode();
      if (hasRows) {
        read(current.getResultSet(), answer);
        answer.putNull("count");
      } else {
        answer.putArray("columns");
        answer.putArray("rows");
        answer.put("count", current.getUpdateCount());
      }
      return answer.put("id", snowflake.getQueryID());
    } catch (Exception error) {
      return failure(error);
    }
  }

  ObjectNode answerTo(JsonNode given) throws Exception {
    switch (given.get("do").asText()) {
      case "connect":
        return connect(given);
      case "execute":
        return execute(given);
      case "start":
        statement = null;
        running = CompletableFuture.supplyAsync(() -> execute(given));
        return ok();
      case "cancel":
        statement.cancel();
        return ok();
      case "alive":
        return JSON.createObjectNode().put("ok", connection.isValid(10));
      case "wait":
        return running.get();
      default:
        connection.close();
        return ok();
    }
  }

  public static void main(String[] arguments) throws Exception {
    Client client = new Client();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      ObjectNode answer;
      try {
        answer = client.answerTo(JSON.readTree(line));
      } catch (Exception error) {
        answer = failure(error);
      }
      System.out.write((JSON.writeValueAsString(answer) + "\n").getBytes(StandardCharsets.UTF_8));
      System.out.flush();
    }
    System.exit(0);
  }
}

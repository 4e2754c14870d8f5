// A small load, tested without an account, inside imednet-sandbox run --allow-faults -- …
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoadTest {
  static final Path FILE = Path.of("../visits.parquet").toAbsolutePath().normalize();
  static final String COPY = "COPY INTO visits FROM @loads FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE";
  Connection connection;
  Statement statement;

  static String own(String name) {
    return System.getenv("SNOWFLAKE_" + name);  // set by imednet-sandbox run
  }

  // Java does not read the file of certificates that other clients are told of: it wants a store of its own kind.
  @BeforeAll
  static void trustTheStage() throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream file = Files.newInputStream(Path.of(System.getenv("SSL_CERT_FILE")))) {
      for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(file))
        trusted.setCertificateEntry(String.valueOf(trusted.size()), one);
    }
    Path store = Files.createTempFile("trusted", ".p12");
    store.toFile().deleteOnExit();
    try (OutputStream out = Files.newOutputStream(store)) {
      trusted.store(out, "public".toCharArray());  // it holds nothing secret
    }
    System.setProperty("javax.net.ssl.trustStore", store.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "public");
  }

  @BeforeEach
  void stage() throws SQLException {
    Properties settings = new Properties();
    settings.putAll(Map.of("ssl", "off", "disableOCSPChecks", "true", "disablePlatformDetection", "true", "tracing", "OFF"));
    settings.putAll(Map.of("account", own("ACCOUNT"), "user", own("USER"), "password", own("PASSWORD")));
    settings.putAll(Map.of("db", own("DATABASE"), "schema", own("SCHEMA"), "warehouse", own("WAREHOUSE")));
    connection = DriverManager.getConnection("jdbc:snowflake://" + own("HOST") + ":" + own("PORT") + "/", settings);
    statement = connection.createStatement();
    statement.execute("CREATE OR REPLACE TABLE visits (id NUMBER(9,0), subject VARCHAR, visited DATE)");
    statement.execute("CREATE OR REPLACE STAGE loads");
    statement.execute("PUT 'file://" + FILE + "' @loads AUTO_COMPRESS = FALSE");
  }

  @AfterEach
  void close() throws Exception {
    orders("DELETE", "");
    connection.close();
  }

  String one(String query) throws SQLException {
    try (ResultSet rows = statement.executeQuery(query)) {
      assertTrue(rows.next(), query);
      return rows.getString(1);
    }
  }

  // Gives an order for something to go wrong, or tells of each how often it fired, or (DELETE) takes them back.
  static String orders(String method, String order) throws Exception {
    URI address = URI.create("http://" + own("HOST") + ":" + own("PORT") + "/sandbox/orders");
    HttpRequest request = HttpRequest.newBuilder(address).method(method, HttpRequest.BodyPublishers.ofString(order)).build();
    HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode());
    return answer.body();
  }

  @Test
  void theFileIsLoaded() throws Exception {
    assertEquals(3, statement.executeUpdate(COPY));
    assertEquals("2026-01-06", one("SELECT visited FROM visits WHERE subject = 'S-002'"));
    assertEquals("3", one("SELECT id FROM visits WHERE subject IS NULL"));
  }

  @Test
  void aSessionThatExpiresIsRenewedAndTheCopyRunsOnce() throws Exception {
    orders("POST", "{\"match\": {\"statement_contains\": \"COPY INTO visits\"}, \"do\": {\"expire\": \"token\"}}");
    statement.executeUpdate(COPY);
    String told = orders("GET", "");
    assertTrue(told.contains("\"fired\":1"), told);
    assertEquals("3", one("SELECT COUNT(*) FROM visits"));
  }
}

// The transport against peers that break the exchange in each way that a network does.
#include <zlib.h>

#include <atomic>
#include <thread>

#include "unit/http/exchange.h"
#include "unit/http/scripted_peer.h"

namespace imednet::http {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::HasSubstr;

std::string gzip(const std::string& text) {
  std::string packed(compressBound(text.size()) + 32, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

const std::string kOk = "HTTP/1.1 200 OK\r\n";

struct Broken {
  const char* name;
  std::string text;
  Verdict verdict;
};

class BrokenAnswer : public testing::TestWithParam<Broken> {};

TEST_P(BrokenAnswer, IsAnErrorNeverAValue) {
  ScriptedPeer peer(answer(GetParam().text));
  CurlTransport transport;
  EXPECT_EQ(verdict_of(error_of(transport, request_to(peer.url()))), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, BrokenAnswer,
    testing::Values(Broken{"CutBody", kOk + "Content-Length: 100\r\n\r\n{\"metadata\":", kUnreadable},
                    Broken{"NoBodyAtAll", kOk + "Content-Length: 100\r\n\r\n", kUnreadable},
                    Broken{"CutChunk", kOk + "Transfer-Encoding: chunked\r\n\r\n64\r\n{\"metadata\":", kUnreadable},
                    Broken{"CutBetweenChunks", kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n", kUnreadable},
                    Broken{"BadChunkSize", kOk + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", kUnreadable},
                    Broken{"BadGzip", kOk + "Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n{\"this is no gzip\":1}", kUnreadable},
                    Broken{"CutGzip",
                           kOk + "Content-Encoding: gzip\r\nContent-Length: 2000\r\n\r\n" + gzip(std::string(9000, 'x')).substr(0, 20),
                           kUnreadable},
                    Broken{"UnknownEncoding", kOk + "Content-Encoding: x-unknown\r\nContent-Length: 4\r\n\r\nabcd", kUnreadable},
                    Broken{"Garbage", "SSH-2.0-OpenSSH_9.2\r\nwhat is this\r\n", kUnreadable},
                    Broken{"Page", "<html><body>gateway</body></html>", kUnreadable},
                    Broken{"BadStatusLine", "HTTP/1.1 xyz\r\n\r\n", kUnreadable},
                    Broken{"CutHeaders", kOk + "Content-Type: appl", kUnreadable}, Broken{"StatusLineAlone", kOk, kUnreadable},
                    Broken{"Nothing", "", kNoConnection}),
    [](const auto& test) { return test.param.name; });

TEST(BrokenExchange, AWholeGzipBodyFromTheSamePeerIsRead) {
  const std::string body = gzip("{\"data\":[]}");
  ScriptedPeer peer(answer(kOk + "Content-Encoding: gzip\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
  CurlTransport transport;
  EXPECT_EQ(transport.send(request_to(peer.url()), {}).body, "{\"data\":[]}");
}

TEST(BrokenExchange, AResetBeforeTheAnswerIsNoConnection) {
  ScriptedPeer peer([](Line& line) {
    line.request();
    line.will_reset();
  });
  CurlTransport transport;
  EXPECT_EQ(verdict_of(error_of(transport, request_to(peer.url()))), kNoConnection);
}

TEST(BrokenExchange, AResetInsideTheBodyIsACutAnswer) {
  ScriptedPeer peer([](Line& line) {
    line.request();
    line.say(kOk + "Content-Length: 1000\r\n\r\n{");
    line.say("\"data\":");
    line.will_reset();
  });
  CurlTransport transport;
  EXPECT_EQ(verdict_of(error_of(transport, request_to(peer.url()))), kUnreadable);
}

TEST(BrokenExchange, ARefusedConnectionIsUnavailable) {
  std::string url;
  {
    const ScriptedPeer peer(answer(""));
    url = peer.url();
  }  // nobody listens there any more
  CurlTransport transport;
  const auto error = error_of(transport, request_to(url));
  EXPECT_EQ(verdict_of(error), kNoConnection);
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), testing::StartsWith("no connection: "));
  EXPECT_THAT(error->hint(), HasSubstr("IMEDNET_BASE_URL"));
}

TEST(BrokenExchange, AnAddressThatCannotBeUsedIsASetting) {
  CurlTransport transport;
  for (const char* url : {"", "http://", "file:///etc/hostname", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "nonsense://127.0.0.1/",
                          "http://127.0.0.1:99999/", "http://[::1/"}) {
    EXPECT_EQ(verdict_of(error_of(transport, request_to(url))), kBadAddress) << url;
  }
}

class HeaderCaps : public testing::Test {
 protected:
  static std::optional<Verdict> with(int count, std::size_t size) {
    std::string text = kOk;
    for (int i = 0; i < count; ++i) text += "X-H" + std::to_string(i) + ": " + std::string(size, 'v') + "\r\n";
    ScriptedPeer peer(answer(text + "Content-Length: 0\r\n\r\n"));
    CurlTransport transport;
    return verdict_of(error_of(transport, request_to(peer.url())));
  }
};

TEST_F(HeaderCaps, ManyHeadersAreReadAndTooManyRefused) {
  EXPECT_EQ(with(150, 10), std::nullopt);
  EXPECT_EQ(with(250, 10), kTooLarge);
}

TEST_F(HeaderCaps, LargeHeadersAreReadAndTooLargeRefused) {
  EXPECT_EQ(with(6, 20'000), std::nullopt);
  EXPECT_EQ(with(7, 20'000), kTooLarge);
}

TEST(Headers, AreThoseOfTheLastAnswerInLowerCaseWithoutBlanks) {
  ScriptedPeer peer(
      answer("HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-MiXed:   a b \t\r\nX-Empty:\r\n"
             "x-mixed: second\r\nX-AMZN-RequestId: amzn-1\r\nContent-Length: 2\r\n\r\nok"));
  CurlTransport transport;
  const Response response = transport.send(request_to(peer.url()), {});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "ok");
  EXPECT_EQ(response.header("x-mixed"), "a b");
  EXPECT_EQ(response.header("x-early"), "");
  EXPECT_EQ(response.request_id, "amzn-1");
  EXPECT_THAT(response.headers, testing::Contains(std::pair<std::string, std::string>("x-empty", "")));
}

TEST(Headers, ALongRequestIdIsCut) {
  ScriptedPeer peer(answer(kOk + "X-Request-Id: " + std::string(500, 'r') + "\r\nContent-Length: 0\r\n\r\n"));
  CurlTransport transport;
  EXPECT_EQ(transport.send(request_to(peer.url()), {}).request_id, std::string(100, 'r'));
}

TEST(SlowExchange, APeerThatNeverAnswersEndsAtTheTimeout) {
  ScriptedPeer peer([](Line& line) { line.hold(); });
  CurlTransport transport;
  Request request = request_to(peer.url());
  request.timeout = 150ms;
  const auto start = steady_clock::now();
  const auto error = error_of(transport, request);
  EXPECT_EQ(verdict_of(error), kTooSlow);
  EXPECT_GE(steady_clock::now() - start, 140ms);
  EXPECT_LT(steady_clock::now() - start, 3s);
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "no complete answer within 0.15 s");
  EXPECT_THAT(error->hint(), HasSubstr("IMEDNET_TIMEOUT"));
}

TEST(SlowExchange, APeerThatNeverEndsItsBodyEndsAtTheTimeout) {
  ScriptedPeer peer([](Line& line) {
    line.request();
    line.say(kOk + "Content-Length: 1000\r\n\r\n{");
    line.hold();
  });
  CurlTransport transport;
  Request request = request_to(peer.url());
  request.timeout = 150ms;
  EXPECT_EQ(verdict_of(error_of(transport, request)), kTooSlow);
}

// A body that drips: the peer's own pace is a few bytes every 20 ms.
ScriptedPeer::Script drip(std::size_t bytes) {
  return [bytes](Line& line) {
    line.request();
    line.say(kOk + "Content-Length: 1000000\r\n\r\n");
    for (int turn = 0; turn < 150 && line.say(std::string(bytes, 'x')); ++turn) std::this_thread::sleep_for(20ms);
  };
}

TEST(SlowExchange, ABodyThatDripsIsStalledLongBeforeTheTimeout) {
  ScriptedPeer peer(drip(2));
  CurlTransport transport;
  Request request = request_to(peer.url());
  request.stall_time = 100ms;
  const auto start = steady_clock::now();
  const auto error = error_of(transport, request);
  EXPECT_EQ(verdict_of(error), kTooSlow);
  EXPECT_LT(steady_clock::now() - start, 2s);
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), testing::StartsWith("the answer stalled: fewer than 1000 bytes came in "));
}

TEST(SlowExchange, ABodyThatComesFastEnoughIsNotStalled) {
  ScriptedPeer peer([](Line& line) {
    line.request();
    line.say(kOk + "Content-Length: 10000\r\n\r\n");
    for (int turn = 0; turn < 20; ++turn) {
      line.say(std::string(500, 'x'));
      std::this_thread::sleep_for(20ms);
    }
  });
  CurlTransport transport;
  Request request = request_to(peer.url());
  request.stall_time = 200ms;  // some 5,000 bytes come in it
  EXPECT_EQ(transport.send(request, {}).body.size(), 10'000u);
}

TEST(SlowExchange, AnAnswerThatBeginsLateIsNotStalled) {
  ScriptedPeer peer([](Line& line) {
    line.request();
    std::this_thread::sleep_for(150ms);
    line.say(kOk + "Content-Length: 2\r\n\r\nok");
  });
  CurlTransport transport;
  Request request = request_to(peer.url());
  request.stall_time = 20ms;
  EXPECT_EQ(transport.send(request, {}).body, "ok");
}

TEST(Cancelled, AStopAskedForBeforeSendsNothing) {
  std::atomic<int> requests{0};
  ScriptedPeer peer([&](Line& line) { requests += line.request().empty() ? 0 : 1; });
  CurlTransport transport;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(verdict_of(error_of(transport, request_to(peer.url()), stop.get_token())), kCancelled);
  EXPECT_EQ(requests, 0);
}

TEST(Cancelled, AStopDuringTheBodyEndsTheExchange) {
  std::stop_source stop;
  ScriptedPeer peer([&stop](Line& line) {
    line.request();
    line.say(kOk + "Content-Length: 1000000\r\n\r\n");
    for (int turn = 0; turn < 100 && line.say(std::string(5'000, 'x')); ++turn) {
      if (turn == 3) stop.request_stop();
      std::this_thread::sleep_for(10ms);
    }
  });
  CurlTransport transport;
  const auto start = steady_clock::now();
  EXPECT_EQ(verdict_of(error_of(transport, request_to(peer.url()), stop.get_token())), kCancelled);
  EXPECT_LT(steady_clock::now() - start, 2s);
}

TEST(Cancelled, AStopWhileThePeerIsSilentEndsTheExchange) {
  std::stop_source stop;
  ScriptedPeer peer([&stop](Line& line) {
    line.request();
    stop.request_stop();
    line.hold();
  });
  CurlTransport transport;
  const auto start = steady_clock::now();
  EXPECT_EQ(verdict_of(error_of(transport, request_to(peer.url()), stop.get_token())), kCancelled);
  EXPECT_LT(steady_clock::now() - start, 2s) << "not before the timeout of 4 s";
}

TEST(Connection, IsKeptAndUsedAgain) {
  ScriptedPeer peer([](Line& line) {
    while (!line.request().empty()) line.say(kOk + "Content-Length: 2\r\n\r\nok");
  });
  CurlTransport transport;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(transport.send(request_to(peer.url()), {}).body, "ok");
  EXPECT_EQ(peer.connections(), 1);
}

TEST(Connection, IsMadeAnewWhenThePeerClosedIt) {
  ScriptedPeer peer(answer(kOk + "Content-Length: 2\r\n\r\nok"));  // closes after each
  CurlTransport transport;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(transport.send(request_to(peer.url()), {}).body, "ok");
  EXPECT_EQ(peer.connections(), 3);
}

// A peer that closes a connection once a request came on it: libcurl sends what it sent on a kept one again by itself.
TEST(Connection, WhatIsPostedGoesOutOnceOnAConnectionOfItsOwn) {
  std::atomic<int> posts{0};
  ScriptedPeer peer([&posts](Line& line) {
    // One connection at a time is served: the kept one for a while, then the next.
    for (std::string request = line.request(); !request.empty(); request = line.request(300)) {
      if (request.starts_with("POST")) {
        ++posts;
        return;
      }
      line.say(kOk + "Content-Length: 2\r\n\r\nok");
    }
  });
  CurlTransport transport;
  EXPECT_EQ(transport.send(request_to(peer.url()), {}).body, "ok");
  Request post = request_to(peer.url());
  post.method = "POST";
  post.body = "[]";
  const auto error = error_of(transport, post);
  EXPECT_EQ(verdict_of(error), kNoConnection);
  EXPECT_EQ(posts, 1);
}

template <class Error>
bool is_thrown(CurlTransport& transport, const Request& request, const std::stop_token& stop = {}) {
  try {
    transport.send(request, stop);
  } catch (const Error&) {
    return true;
  } catch (const errors::ApiError&) {
  }
  return false;
}

TEST(NotSent, IsAnyErrorBeforeTheRequestWentOut) {
  CurlTransport transport;
  std::string url;
  {
    const ScriptedPeer peer(answer(""));
    url = peer.url();
  }  // nobody listens there any more
  EXPECT_TRUE(is_thrown<NotSent>(transport, request_to(url)));
  EXPECT_TRUE(is_thrown<NotSent>(transport, request_to("ftp://127.0.0.1/x")));
  const ScriptedPeer silent([](Line& line) { line.hold(); });
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(is_thrown<NotSent>(transport, request_to(silent.url()), stop.get_token()));
  // TLS that nobody answers: the request itself never goes out.
  Request request = request_to("https" + silent.url().substr(4));
  request.timeout = 150ms;
  EXPECT_TRUE(is_thrown<NotSent>(transport, request));
  request = request_to(silent.url());
  request.timeout = 150ms;
  EXPECT_FALSE(is_thrown<NotSent>(transport, request));
}

TEST(Connection, IsNotUsedAgainAfterACutAnswer) {
  int turn = 0;
  ScriptedPeer peer([&turn](Line& line) {
    line.request();
    if (turn++ == 0) {
      line.say(kOk + "Content-Length: 10\r\n\r\nhalf");
    } else {
      line.say(kOk + "Content-Length: 5\r\n\r\nwhole");
    }
  });
  CurlTransport transport;
  EXPECT_EQ(verdict_of(error_of(transport, request_to(peer.url()))), kUnreadable);
  EXPECT_EQ(transport.send(request_to(peer.url()), {}).body, "whole");
}

}  // namespace
}  // namespace imednet::http

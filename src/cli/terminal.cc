#include "cli/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

#include "imednet/errors.h"

namespace imednet::cli {

std::string ask_without_echo(std::string_view prompt, std::string_view hint) {
  const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
  termios before{};
  if (terminal < 0 || tcgetattr(terminal, &before) != 0) {
    if (terminal >= 0) close(terminal);
    throw errors::ExportConfigurationError("cannot ask for the password: there is no terminal",
                                           {.code = errors::ErrorCode::config, .hint = std::string(hint)});
  }
  termios silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  tcsetattr(terminal, TCSAFLUSH, &silent);
  [[maybe_unused]] ssize_t written = write(terminal, prompt.data(), prompt.size());
  std::string answer;
  for (char c = 0; answer.size() < 4096 && read(terminal, &c, 1) == 1 && c != '\n' && c != '\r';) answer.push_back(c);
  written = write(terminal, "\n", 1);
  tcsetattr(terminal, TCSAFLUSH, &before);
  close(terminal);
  return answer;
}

bool is_terminal(int file) noexcept { return isatty(file) == 1; }

std::size_t terminal_width(int file) noexcept {
  constexpr std::size_t kUsual = 80, kMost = 10'000;
  winsize size{};
  if (ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  const std::string_view text = columns == nullptr ? "" : columns;
  std::size_t width = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
  const bool is_width = error == std::errc() && end == text.data() + text.size() && width > 0 && width <= kMost;
  return is_width ? width : kUsual;
}

bool has_colour(int file) noexcept {
  const auto text_of = [](const char* name) -> std::string_view {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  const std::string_view terminal = text_of("TERM");
  return is_terminal(file) && text_of("NO_COLOR").empty() && !terminal.empty() && terminal != "dumb";
}

bool ask_yes(std::string_view question) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, question.data(), question.size());
  std::string answer;
  char c = 0;
  while (answer.size() < 16 && read(STDIN_FILENO, &c, 1) == 1 && c != '\n' && c != '\r') answer.push_back(static_cast<char>(c | 0x20));
  return (c == '\n' || c == '\r') && (answer == "y" || answer == "yes");
}

}  // namespace imednet::cli

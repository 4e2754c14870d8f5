#include "cli/terminal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

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

bool ask_yes(std::string_view question) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, question.data(), question.size());
  std::string answer;
  char c = 0;
  while (answer.size() < 16 && read(STDIN_FILENO, &c, 1) == 1 && c != '\n' && c != '\r') answer.push_back(static_cast<char>(c | 0x20));
  return (c == '\n' || c == '\r') && (answer == "y" || answer == "yes");
}

}  // namespace imednet::cli

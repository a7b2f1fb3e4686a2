// A small HTTP server on 127.0.0.1 for the download tests: it can serve ranges, break connections and follow a script. Tests only.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"

namespace clipig {

struct TestRequest {
    std::string method;
    std::string path;                            ///< as in the request line: a whole URL when the client takes us for a proxy
    std::map<std::string, std::string> headers;  ///< names in lower case
    [[nodiscard]] std::string header(const std::string& name) const { return headers.contains(name) ? headers.at(name) : std::string(); }
};

struct TestReply {
    int status = 200;
    std::string body{};
    std::map<std::string, std::string> headers{};
    std::int64_t drop_after = -1;  ///< close the connection after so many bytes of the body
    bool tell_length = true;
    int delay_ms = 0;  ///< before the answer
};

class TestServer {
public:
    using Handler = std::function<TestReply(const TestRequest&)>;

    explicit TestServer(Handler handler) : handler_(std::move(handler)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 || ::getsockname(listener_, generic, &size) != 0)
            throw std::runtime_error("the test server cannot listen");
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;
    ~TestServer() {
        ::shutdown(listener_, SHUT_RDWR);
        acceptor_.join();
        ::close(listener_);
        for (auto& worker : workers_) worker.join();
    }

    [[nodiscard]] std::string url(const std::string& path = "") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
    [[nodiscard]] std::vector<TestRequest> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

private:
    void accept_all() {
        for (;;) {
            const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (connection < 0) return;
            workers_.emplace_back([this, connection] { serve(connection); });
        }
    }

    static std::optional<TestRequest> read_request(int connection) {
        std::string text;
        char buffer[4096];
        while (text.find("\r\n\r\n") == std::string::npos) {
            const auto got = ::recv(connection, buffer, sizeof buffer, 0);
            if (got <= 0) return std::nullopt;
            text.append(buffer, static_cast<std::size_t>(got));
        }
        TestRequest request;
        const auto lines = split(text.substr(0, text.find("\r\n\r\n")), '\n');
        const auto words = split_words(lines.at(0));
        request.method = words.at(0);
        request.path = words.at(1);
        for (std::size_t i = 1; i < lines.size(); ++i) {
            const auto colon = lines[i].find(':');
            if (colon != std::string::npos)
                request.headers[lower(lines[i].substr(0, colon))] = std::string(trim(lines[i].substr(colon + 1)));
        }
        return request;
    }

    static void send_all(int connection, std::string_view text) {
        while (!text.empty()) {
            const auto sent = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    void serve(int connection) {
        if (const auto request = read_request(connection)) {
            TestReply reply;
            {
                const std::lock_guard lock(mutex_);
                requests_.push_back(*request);
                reply = handler_(*request);
            }
            if (reply.delay_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(reply.delay_ms));
            std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\nConnection: close\r\n";
            if (reply.tell_length && !reply.headers.contains("Content-Length"))
                reply.headers["Content-Length"] = std::to_string(reply.body.size());
            for (const auto& [name, value] : reply.headers) head += name + ": " + value + "\r\n";
            send_all(connection, head + "\r\n");
            const auto end = reply.drop_after >= 0 ? static_cast<std::size_t>(reply.drop_after) : reply.body.size();
            if (request->method != "HEAD") send_all(connection, std::string_view(reply.body).substr(0, end));
        }
        ::shutdown(connection, SHUT_RDWR);
        ::close(connection);
    }

    Handler handler_;
    int listener_ = -1;
    int port_ = 0;
    mutable std::mutex mutex_;
    std::vector<TestRequest> requests_;
    std::vector<std::thread> workers_;
    std::thread acceptor_;
};

/// What an ordinary file server answers: 206 for `Range: bytes=N-` when If-Range is missing or still right, else 200.
inline TestReply serve_bytes(const TestRequest& request, const std::string& content, const std::string& etag = "") {
    TestReply reply;
    if (!etag.empty()) reply.headers["ETag"] = etag;
    const std::string range = request.header("range");
    const bool current = request.header("if-range").empty() || request.header("if-range") == etag;
    if (!range.starts_with("bytes=") || !current) {
        reply.body = content;
        return reply;
    }
    const std::size_t from = std::strtoull(range.c_str() + 6, nullptr, 10);
    if (from >= content.size()) {
        reply.status = 416;
        reply.headers["Content-Range"] = "bytes */" + std::to_string(content.size());
        return reply;
    }
    reply.status = 206;
    reply.body = content.substr(from);
    reply.headers["Content-Range"] =
        "bytes " + std::to_string(from) + "-" + std::to_string(content.size() - 1) + "/" + std::to_string(content.size());
    return reply;
}

/// An empty folder that is gone at the end, and environment variables that are put back.
class TestPlace {
public:
    TestPlace() {
        std::string name = (std::filesystem::temp_directory_path() / "clipig-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        folder = name;
        for (const char* variable :
             {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE",
              "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HF_ENDPOINT", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN",
              "HF_TOKEN_PATH", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "CLIPIG_OPENAI_ENDPOINT", "CLIPIG_MODELS", "CLIPIG_RETRIES"})
            set(variable, "");
        set("HOME", folder.string());
        set("CLIPIG_RETRY_DELAY", "0.01");
    }
    TestPlace(const TestPlace&) = delete;
    TestPlace& operator=(const TestPlace&) = delete;
    ~TestPlace() {
        for (auto change = before_.rbegin(); change != before_.rend(); ++change) {
            if (change->second)
                ::setenv(change->first.c_str(), change->second->c_str(), 1);
            else
                ::unsetenv(change->first.c_str());
        }
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }

    /// An empty value unsets.
    void set(const std::string& name, const std::string& value) {
        const char* old = std::getenv(name.c_str());
        before_.emplace_back(name, old == nullptr ? std::nullopt : std::optional<std::string>(old));
        if (value.empty())
            ::unsetenv(name.c_str());
        else
            ::setenv(name.c_str(), value.c_str(), 1);
    }

    /// Every file, folder and link under the folder, relative, sorted.
    [[nodiscard]] std::vector<std::string> listing() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
            names.push_back(entry.path().lexically_relative(folder).string());
        std::sort(names.begin(), names.end());
        return names;
    }

    std::filesystem::path folder;

private:
    std::vector<std::pair<std::string, std::optional<std::string>>> before_;
};

/// Bytes without a pattern, always the same ones.
inline std::string test_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 12345;
    for (char& byte : bytes) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

}  // namespace clipig

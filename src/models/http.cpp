#include "models/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <memory>
#include <thread>

#include "base/text.h"
#include "models/cache.h"

namespace clipig {
namespace {

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

/// What the C callbacks of one exchange work on.
struct Exchange {
    HttpAnswer answer;
    const BodySink& body;
    const std::function<void()>& tick;
    std::exception_ptr thrown;
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    const std::string_view line = trim(std::string_view(data, size * count));
    if (line.starts_with("HTTP/")) {  // a new response begins: a redirect, a 100, a proxy's answer
        exchange.answer.headers.clear();
        const auto words = split_words(line);
        exchange.answer.status = words.size() > 1 ? std::strtol(words[1].c_str(), nullptr, 10) : 0;
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
        exchange.answer.headers[lower(line.substr(0, colon))] = std::string(trim(line.substr(colon + 1)));
    }
    return size * count;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    if (exchange.answer.status < 200 || exchange.answer.status >= 300 || !exchange.body) return size * count;
    try {
        exchange.body(exchange.answer, std::string_view(data, size * count));
    } catch (...) {
        exchange.thrown = std::current_exception();
        return CURL_WRITEFUNC_ERROR;
    }
    return size * count;
}

int on_tick(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& exchange = *static_cast<Exchange*>(user);
    if (!exchange.tick) return 0;
    try {
        exchange.tick();
    } catch (...) {
        exchange.thrown = std::current_exception();
        return 1;
    }
    return 0;
}

HeaderList header_list(const HttpRequest& request) {
    HeaderList list(nullptr, curl_slist_free_all);
    const auto add = [&list](const std::string& line) {
        curl_slist* longer = curl_slist_append(list.get(), line.c_str());
        if (longer == nullptr) throw std::bad_alloc();
        static_cast<void>(list.release());
        list.reset(longer);
    };
    for (const auto& line : request.headers) add(line);
    if (!request.if_range.empty() && request.from > 0) add("If-Range: " + request.if_range);
    return list;
}

/// libcurl's library (unlike its program) does not look at these by itself. The first is the one that our message names.
void use_certificates_of_environment(CURL* curl) {
    for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"}) {
        const std::string file = environment(name);
        if (file.empty()) continue;
        curl_easy_setopt(curl, CURLOPT_CAINFO, file.c_str());
        return;
    }
}

/// From https only to https: a redirect must not take the transfer out of the encryption.
void restrict_protocols(CURL* curl, const std::string& url) {
    const bool secure = lower(url.substr(0, 6)) == "https:";
#if CURL_AT_LEAST_VERSION(7, 85, 0)
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
#else
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, static_cast<long>(secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

void set_up(CURL* curl, const HttpRequest& request, const curl_slist* headers, Exchange& exchange) {
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "clipig/" CLIPIG_VERSION);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, request.follow ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
    curl_easy_setopt(curl, CURLOPT_NOBODY, request.head ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, std::lround(request.connect_timeout * 1000));
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, std::max(1L, std::lround(std::ceil(request.stall_timeout))));
    if (request.head) curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, std::lround((request.connect_timeout + request.stall_timeout) * 1000));
    if (request.from > 0) curl_easy_setopt(curl, CURLOPT_RANGE, (std::to_string(request.from) + "-").c_str());
    curl_easy_setopt(curl, CURLOPT_UNRESTRICTED_AUTH, 0L);
    if (!request.bearer.empty()) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
        curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, request.bearer.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_tick);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);
    restrict_protocols(curl, request.url);
    use_certificates_of_environment(curl);
}

bool no_connection(int code) {
    return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_COULDNT_CONNECT;
}

bool bad_certificate(int code) {
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_CERTPROBLEM;
}

std::string status_text(long status) { return "the server answers with HTTP status " + std::to_string(status); }

std::string times(int attempts) { return attempts == 1 ? "once" : std::to_string(attempts) + " times"; }

DownloadError status_failure(const std::string& url, const HttpAnswer& answer, int attempts) {
    const std::string quoted = "cannot download '" + url + "': ";
    switch (answer.status) {
        case 404:
        case 410:
            return {DownloadFailure::not_found,
                    quoted + "there is no such file on the server (HTTP " + std::to_string(answer.status) + "); check the name"};
        case 401:
        case 403:
            return {DownloadFailure::refused,
                    quoted + "the server refuses it (HTTP " + std::to_string(answer.status) +
                        "); if it is a gated or private model of the Hugging Face hub, accept its terms on its page and set HF_TOKEN"};
        default: break;
    }
    if (answer.status >= 500 || answer.status == 429 || answer.status == 408)
        return {DownloadFailure::server, quoted + status_text(answer.status) + " (tried " + times(attempts) + "); try again later"};
    return {DownloadFailure::server, quoted + status_text(answer.status)};
}

}  // namespace

std::string HttpAnswer::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
}

HttpAnswer http(const HttpRequest& request, const BodySink& body, const std::function<void()>& tick) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready != CURLE_OK) throw Error(std::string("libcurl does not start: ") + curl_easy_strerror(ready));
    const Handle curl(curl_easy_init(), curl_easy_cleanup);
    if (!curl) throw Error("libcurl does not start");
    Exchange exchange{{}, body, tick, nullptr};
    char words[CURL_ERROR_SIZE] = {};
    curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, words);
    const HeaderList headers = header_list(request);
    set_up(curl.get(), request, headers.get(), exchange);
    const CURLcode code = curl_easy_perform(curl.get());
    if (exchange.thrown) std::rethrow_exception(exchange.thrown);
    exchange.answer.code = static_cast<int>(code);
    if (code != CURLE_OK) exchange.answer.error = words[0] != '\0' ? words : curl_easy_strerror(code);
    return exchange.answer;
}

bool worth_retrying(const HttpAnswer& answer, bool seen) {
    if (answer.code == 0) return answer.status >= 500 || answer.status == 429 || answer.status == 408;
    if (no_connection(answer.code)) return seen;
    switch (answer.code) {
        case CURLE_PARTIAL_FILE:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
        case CURLE_GOT_NOTHING:
        case CURLE_OPERATION_TIMEDOUT:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM:
        case CURLE_WEIRD_SERVER_REPLY: return true;
        default: return false;
    }
}

void wait_before_retry(const HttpAnswer& answer, int failures, const RetryPolicy& policy, const std::function<void()>& tick) {
    double delay = std::min(30.0, policy.base_delay * std::pow(2.0, failures - 1));
    const std::string asked = answer.header("retry-after");
    if (!asked.empty() && asked.find_first_not_of("0123456789") == std::string::npos)
        delay = std::max(delay, std::min(60.0, std::strtod(asked.c_str(), nullptr)));
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(delay));
    while (Clock::now() < end) {
        if (tick) tick();
        std::this_thread::sleep_for(std::min<Clock::duration>(std::chrono::milliseconds(100), end - Clock::now()));
    }
}

HttpAnswer http_with_retries(const HttpRequest& request, const RetryPolicy& policy) {
    for (int failures = 1;; ++failures) {
        HttpAnswer answer = http(request);
        if (answer.fine() || failures > policy.retries || !worth_retrying(answer, failures > 1)) return answer;
        wait_before_retry(answer, failures, policy, {});
    }
}

DownloadError http_failure(const std::string& url, const HttpAnswer& answer, int attempts) {
    if (answer.code == 0) return status_failure(url, answer, attempts);
    const std::string quoted = "cannot download '" + url + "': ";
    if (no_connection(answer.code))
        return {DownloadFailure::unreachable, quoted + "no connection to " + host_of(url) + " (" + answer.error +
                                                  "); check the network, and https_proxy if there is a proxy"};
    if (bad_certificate(answer.code))
        return {DownloadFailure::unreachable, quoted + "the certificate of " + host_of(url) + " is not accepted (" + answer.error +
                                                  "); a company's own certificates are named by SSL_CERT_FILE"};
    if (answer.code == CURLE_URL_MALFORMAT || answer.code == CURLE_UNSUPPORTED_PROTOCOL)
        return {DownloadFailure::not_found, quoted + "this is not a URL that can be fetched (" + answer.error + ")"};
    if (answer.code == CURLE_TOO_MANY_REDIRECTS) return {DownloadFailure::server, quoted + "the server redirects without end"};
    return {DownloadFailure::broken,
            quoted + "the connection to " + host_of(url) + " broke (" + answer.error + "; tried " + times(attempts) + ")"};
}

std::string host_of(const std::string& url) {
    const auto start = url.find("://");
    if (start == std::string::npos) return url;
    std::string host = url.substr(start + 3, url.find_first_of("/?#", start + 3) - start - 3);
    if (const auto at = host.rfind('@'); at != std::string::npos) host.erase(0, at + 1);
    return host;
}

}  // namespace clipig

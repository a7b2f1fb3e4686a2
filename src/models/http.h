// One HTTP exchange by libcurl, and what to do when it fails. Used by download and hub only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/download.h"

namespace clipig {

struct HttpRequest {
    std::string url;
    std::vector<std::string> headers{};  ///< `Name: value`
    std::string bearer{};                ///< sent to this host only
    std::int64_t from = 0;               ///< > 0: ask for the bytes from here on
    std::string if_range{};              ///< with `from`: only if the entity tag is still this one
    bool head = false;
    bool follow = true;  ///< follow redirects; never from https to http
    double connect_timeout = 10;
    double stall_timeout = 10;
};

struct HttpAnswer {
    int code = 0;                                  ///< CURLcode; 0 is an exchange that went through
    long status = 0;                               ///< of the last response, 0 when there was none
    std::string error{};                           ///< libcurl's words when code is not 0
    std::map<std::string, std::string> headers{};  ///< of the last response, names in lower case

    [[nodiscard]] std::string header(const std::string& name) const;
    [[nodiscard]] bool fine() const { return code == 0 && status >= 200 && status < 300; }
};

/// Pieces of the body of a 2xx answer, whose status and headers are complete by then. May throw; the exception comes out of http().
using BodySink = std::function<void(const HttpAnswer& head, std::string_view piece)>;

/// `tick` is called now and then and may throw likewise.
[[nodiscard]] HttpAnswer http(const HttpRequest& request, const BodySink& body = {}, const std::function<void()>& tick = {});

/// Worth another attempt: 5xx, 408, 429, resets, timeouts. An unknown host or a refused connection is not, unless the server had
/// answered before (`seen`): without a network the answer should come at once.
[[nodiscard]] bool worth_retrying(const HttpAnswer& answer, bool seen);

/// Sleep before attempt number `failures` + 1, calling `tick` so that it may throw.
void wait_before_retry(const HttpAnswer& answer, int failures, const RetryPolicy& policy, const std::function<void()>& tick);

/// A HEAD or other small exchange with retries.
[[nodiscard]] HttpAnswer http_with_retries(const HttpRequest& request, const RetryPolicy& policy);

/// The sentence for an exchange that failed for good.
[[nodiscard]] DownloadError http_failure(const std::string& url, const HttpAnswer& answer, int attempts);

/// `host` or `host:port` of a URL.
[[nodiscard]] std::string host_of(const std::string& url);

}  // namespace clipig

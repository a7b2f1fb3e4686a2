// One file from the network to a name on this machine, whole and checked, or not at all. No torch here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"

namespace clipig {

enum class DownloadFailure {
    not_found,      ///< 404, 410
    refused,        ///< 401, 403: gated, private, or a wrong token
    unreachable,    ///< no network, unknown host, nothing listens, certificate not accepted
    broken,         ///< the connection broke and stayed broken; the part is kept for next time
    server,         ///< 5xx or 429 to the end, or an answer that makes no sense
    no_space,       ///< the disk is full
    unwritable,     ///< the cache folder cannot be written
    wrong_content,  ///< size or checksum differ from what was promised
    offline,        ///< not on this machine, and HF_HUB_OFFLINE is set
};

/// Every failed download; the message is a whole sentence with the URL or file and what to do.
class DownloadError : public InputError {
public:
    DownloadError(DownloadFailure failure, const std::string& message) : InputError(message), failure_(failure) {}
    [[nodiscard]] DownloadFailure failure() const { return failure_; }

private:
    DownloadFailure failure_;
};

struct DownloadProgress {
    std::string name;           ///< file name to show
    std::int64_t received = 0;  ///< bytes on this machine, those of an earlier attempt included
    std::int64_t total = -1;    ///< bytes, -1 when the server does not say
    double speed = 0;           ///< bytes per second of late, 0 when not yet known
    double seconds_left = -1;   ///< -1 when not known
    bool finished = false;      ///< the last report of this file
};

/// `ViT-B-32.pt   42 %  142.0 MiB of 338.0 MiB  12.3 MiB/s  16.0s left`, without a line break.
[[nodiscard]] std::string progress_text(const DownloadProgress& progress);

/// Both may throw to stop the download: the exception comes out of download(), and the part is kept for next time.
struct DownloadCallbacks {
    std::function<void(const DownloadProgress&)> progress{};  ///< about ten times a second
    std::function<void(const std::string&)> note{};           ///< one line: waiting for another process, trying again, ...
};

/// How often and how patiently to try again after 5xx, 429 and broken connections: delays base, 2 base, 4 base, ... up to 30 s, or what
/// Retry-After asks for (at most 60 s). The count starts anew whenever an attempt has brought a mebibyte.
struct RetryPolicy {
    int retries = 5;
    double base_delay = 1.0;  ///< seconds
};
/// $CLIPIG_RETRIES and $CLIPIG_RETRY_DELAY (seconds) over the defaults.
[[nodiscard]] RetryPolicy default_retry_policy();

struct DownloadOptions {
    std::string sha256{};                ///< full, or its first 8 or more hex digits; empty when unknown
    std::string git_sha1{};              ///< git's blob hash (40 hex digits), as the hub gives it for small files; empty when unknown
    std::int64_t size = -1;              ///< bytes, -1 when unknown
    std::vector<std::string> headers{};  ///< `Name: value`
    std::string bearer{};                ///< token; sent to the URL's own host only, never to one that it redirects to
    std::string name{};                  ///< what to call it in progress and messages; the destination's file name when empty
    bool replace = false;                ///< check a file that is there already, and fetch it anew when it is not as promised
    double connect_timeout = 10;         ///< seconds
    double stall_timeout = 10;           ///< seconds without a byte
    RetryPolicy retry = default_retry_policy();
    DownloadCallbacks callbacks{};
};

/// Fetch `url` to `destination` over HTTP(S) with libcurl: to `destination.incomplete` first, checked, synced, renamed. Continues an
/// earlier part when its content is pinned by a checksum or an entity tag; proxies as libcurl reads them from the environment; a lock
/// on the part lets several processes download once. Nothing happens when the destination is there. Throws DownloadError, and what the
/// callbacks throw; then the cache is as it was, except for a part that can be continued.
void download(const std::string& url, const std::filesystem::path& destination, const DownloadOptions& options = {});

/// Does the file have the size and checksums that the options promise? Empty when it has, else one sentence.
[[nodiscard]] std::string content_problem(const std::filesystem::path& file, const DownloadOptions& options);

/// git's hash of a file as a blob: SHA-1 over `blob SIZE\0` and the content, lower-case hex. Throws InputError.
[[nodiscard]] std::string git_blob_sha1(const std::filesystem::path& file);

}  // namespace clipig

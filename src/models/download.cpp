#include "models/download.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "base/files.h"
#include "base/text.h"
#include "models/cache.h"
#include "models/download_part.h"
#include "models/http.h"

namespace clipig {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kMebibyte = 1 << 20;

/// Speed of late and time left, reported about ten times a second.
class Meter {
public:
    Meter(std::string name, const std::function<void(const DownloadProgress&)>& report) : report_(report) { state_.name = std::move(name); }

    void at(std::int64_t received, std::int64_t total, bool finished = false) {
        if (!report_) return;
        const auto now = Clock::now();
        if (started_ && !finished && now - last_report_ < std::chrono::milliseconds(100)) return;
        if (started_ && received > last_received_) {
            const double seconds = std::max(1e-3, std::chrono::duration<double>(now - last_report_).count());
            const double rate = static_cast<double>(received - last_received_) / seconds;
            const double weight = 1 - std::exp(-seconds / 2);  // forgets within about two seconds
            state_.speed = state_.speed <= 0 ? rate : state_.speed + weight * (rate - state_.speed);
        }
        state_.received = received;
        state_.total = total;
        state_.seconds_left = total >= 0 && state_.speed > 0 ? static_cast<double>(total - received) / state_.speed : -1;
        state_.finished = finished;
        started_ = true;
        last_report_ = now;
        last_received_ = received;
        report_(state_);
    }

private:
    using Clock = std::chrono::steady_clock;
    const std::function<void(const DownloadProgress&)>& report_;
    DownloadProgress state_;
    bool started_ = false;
    Clock::time_point last_report_;
    std::int64_t last_received_ = 0;
};

/// The number after the slash in `bytes 10-99/100` or `bytes */100`; -1 when there is none.
std::int64_t total_in_range(const std::string& content_range) {
    const auto slash = content_range.find('/');
    if (slash == std::string::npos || content_range.compare(slash, 2, "/*") == 0) return -1;
    return std::strtoll(content_range.c_str() + slash + 1, nullptr, 10);
}

/// A tag that pins the bytes: weak ones (`W/"..."`) do not.
std::string strong_tag(const HttpAnswer& answer) {
    const std::string tag = answer.header("etag");
    return tag.starts_with("W/") ? std::string() : tag;
}

/// One call of download() that found no file at the destination.
class Transfer {
public:
    Transfer(const std::string& url, const DownloadOptions& options, const std::string& name, Part& part)
        : url_(url), options_(options), part_(part), meter_(name, options.callbacks.progress), size_at_start_(part.size()) {}

    void run() {
        try {
            prepare();
            fetch();
            if (!check()) {
                if (!inherited_) throw wrong_content();
                start_afresh();  // the part of an earlier process may be to blame: once more from the first byte
                fetch();
                if (!check()) throw wrong_content();
            }
            meter_.at(part_.size(), part_.size(), true);
            part_.publish();
        } catch (const DownloadError& error) {
            roll_back(error.failure());
            throw;
        } catch (...) {
            roll_back(DownloadFailure::broken);
            throw;
        }
    }

private:
    [[nodiscard]] bool pinned() const { return !options_.sha256.empty() || !options_.git_sha1.empty(); }

    void prepare() {
        tag_ = part_.tag();
        const bool too_long = options_.size >= 0 && part_.size() > options_.size;
        if (part_.size() > 0 && (too_long || (!pinned() && tag_.empty()))) start_afresh();
        inherited_ = part_.size() > 0;
    }

    void start_afresh() {
        part_.truncate(0);
        tag_.clear();
        problem_.clear();
        inherited_ = false;
    }

    void fetch() {
        for (int failures = 0, attempts = 1;; ++attempts) {
            if (options_.size > 0 && part_.size() == options_.size) return;
            const std::int64_t before = part_.size();
            const HttpAnswer answer = attempt();
            if (answer.fine()) return;
            if (answer.code == 0 && answer.status == 416 && before > 0) {  // the part is all there is, or not a part of this file
                if (total_in_range(answer.header("content-range")) == before) return;
                start_afresh();
                if (++failures > options_.retry.retries) throw http_failure(url_, answer, attempts);
                continue;
            }
            failures = part_.size() - before >= kMebibyte ? 1 : failures + 1;
            seen_ = seen_ || answer.status > 0;
            if (failures > options_.retry.retries || !worth_retrying(answer, seen_)) throw lasting_failure(answer, attempts);
            note("'" + url_ + "': " + (answer.code == 0 ? "HTTP status " + std::to_string(answer.status) : answer.error) +
                 "; trying again");
            wait_before_retry(answer, failures, options_.retry, [this] { meter_.at(part_.size(), total_); });
        }
    }

    [[nodiscard]] HttpAnswer attempt() {
        if (!pinned() && tag_.empty()) part_.truncate(0);  // the content may have changed since
        HttpRequest request;
        request.url = url_;
        request.headers = options_.headers;
        request.bearer = options_.bearer;
        request.from = part_.size();
        request.if_range = tag_;
        request.connect_timeout = options_.connect_timeout;
        request.stall_timeout = options_.stall_timeout;
        bool begun = false;
        const auto receive = [&](const HttpAnswer& head, std::string_view piece) {
            if (!begun) begin_body(head);
            begun = true;
            part_.append(piece);
            meter_.at(part_.size(), total_);
        };
        HttpAnswer answer = http(request, receive, [this] { meter_.at(part_.size(), total_); });
        if (answer.fine() && !begun) begin_body(answer);  // an empty body
        return answer;
    }

    /// The headers are known and the first bytes are here: where do they belong, and is there room for the rest?
    void begin_body(const HttpAnswer& head) {
        const std::string length = head.header("content-length");
        if (head.status == 206) {
            const std::string range = head.header("content-range");
            if (!range.starts_with("bytes " + std::to_string(part_.size()) + "-"))
                throw DownloadError(
                    DownloadFailure::server,
                    "cannot download '" + url_ + "': the server sends another range than the one asked for ('" + range + "')");
            total_ = total_in_range(range);
        } else {
            part_.truncate(0);
            inherited_ = false;
            total_ = length.empty() || !head.header("content-encoding").empty() ? -1 : std::strtoll(length.c_str(), nullptr, 10);
        }
        if (!pinned()) {
            tag_ = strong_tag(head);
            part_.keep_tag(tag_);
        }
        if (options_.size >= 0 && total_ >= 0 && total_ != options_.size) {
            problem_ = "it has " + std::to_string(total_) + " bytes on the server, expected " + std::to_string(options_.size);
            throw wrong_content();
        }
        if (total_ < 0) total_ = options_.size;
        check_room();
    }

    void check_room() const {
        const std::int64_t room = free_bytes(part_.path());
        const std::int64_t needed = total_ - part_.size();
        if (total_ < 0 || room < 0 || needed <= room) return;
        throw DownloadError(DownloadFailure::no_space, "no space left for '" + part_.path().string() +
                                                           "': " + byte_text(static_cast<double>(needed)) + " are needed and " +
                                                           byte_text(static_cast<double>(room)) +
                                                           " are free; make room, or put the cache on another disk");
    }

    [[nodiscard]] bool check() {
        problem_ = content_problem(part_.path(), options_);
        return problem_.empty();
    }

    [[nodiscard]] DownloadError wrong_content() const {
        return {DownloadFailure::wrong_content, "the file behind '" + url_ + "' is not the promised one: " + problem_ +
                                                    "; it was thrown away. Try again; if it stays so, the server or a proxy changes it"};
    }

    [[nodiscard]] DownloadError lasting_failure(const HttpAnswer& answer, int attempts) const {
        DownloadError failure = http_failure(url_, answer, attempts);
        if (part_.size() == 0 || failure.failure() == DownloadFailure::not_found || !(pinned() || !tag_.empty())) return failure;
        const std::string whole = total_ >= 0 ? " of " + byte_text(static_cast<double>(total_)) : "";
        return {failure.failure(), std::string(failure.what()) + "; " + byte_text(static_cast<double>(part_.size())) + whole +
                                       " are kept in '" + part_.path().string() + "', the next attempt continues there"};
    }

    void roll_back(DownloadFailure failure) noexcept {
        try {
            const bool keep = failure != DownloadFailure::wrong_content && (pinned() || !tag_.empty());
            if (failure == DownloadFailure::no_space && part_.size() > size_at_start_) part_.truncate(size_at_start_);
            if (!keep || part_.size() == 0) part_.remove();
        } catch (...) {
            part_.remove();
        }
    }

    void note(const std::string& text) const {
        if (options_.callbacks.note) options_.callbacks.note(text);
    }

    const std::string& url_;
    const DownloadOptions& options_;
    Part& part_;
    Meter meter_;
    std::int64_t size_at_start_;
    std::int64_t total_ = -1;
    std::string tag_;
    std::string problem_;
    bool inherited_ = false;  ///< bytes of an earlier process are in the part
    bool seen_ = false;       ///< the server has answered something
};

struct DigestFree {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

RetryPolicy default_retry_policy() {
    RetryPolicy policy;
    if (const std::string given = environment("CLIPIG_RETRIES"); !given.empty())
        policy.retries = std::clamp(std::atoi(given.c_str()), 0, 100);
    if (const std::string given = environment("CLIPIG_RETRY_DELAY"); !given.empty())
        policy.base_delay = std::clamp(std::strtod(given.c_str(), nullptr), 0.0, 60.0);
    return policy;
}

std::string progress_text(const DownloadProgress& progress) {
    const auto bytes = [](std::int64_t count) { return byte_text(static_cast<double>(count)); };
    std::string text = progress.name + "  ";
    if (progress.total > 0)
        text +=
            std::to_string(progress.received * 100 / progress.total) + " %  " + bytes(progress.received) + " of " + bytes(progress.total);
    else
        text += bytes(progress.received);
    if (progress.speed > 0) text += "  " + byte_text(progress.speed) + "/s";
    if (!progress.finished && progress.seconds_left >= 0) text += "  " + duration_text(progress.seconds_left) + " left";
    return text;
}

std::string git_blob_sha1(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw InputError("cannot read '" + file.string() + "'");
    const std::unique_ptr<EVP_MD_CTX, DigestFree> context(EVP_MD_CTX_new());
    EVP_DigestInit_ex(context.get(), EVP_sha1(), nullptr);
    const std::string head = "blob " + std::to_string(fs::file_size(file)) + '\0';
    EVP_DigestUpdate(context.get(), head.data(), head.size());
    std::array<char, 1 << 16> buffer{};
    while (stream) {
        stream.read(buffer.data(), buffer.size());
        EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(stream.gcount()));
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context.get(), digest.data(), &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
        text += "0123456789abcdef"[digest[i] >> 4];
        text += "0123456789abcdef"[digest[i] & 15];
    }
    return text;
}

std::string content_problem(const fs::path& file, const DownloadOptions& options) {
    const auto size = static_cast<std::int64_t>(fs::file_size(file));
    if (options.size >= 0 && size != options.size)
        return "it has " + std::to_string(size) + " bytes, expected " + std::to_string(options.size);
    if (!options.sha256.empty()) {
        const std::string found = sha256_file(file);
        if (!found.starts_with(lower(options.sha256))) return "its SHA-256 is " + found + ", expected " + options.sha256;
    }
    if (!options.git_sha1.empty()) {
        const std::string found = git_blob_sha1(file);
        if (found != lower(options.git_sha1)) return "its git hash is " + found + ", expected " + options.git_sha1;
    }
    return {};
}

void download(const std::string& url, const fs::path& destination, const DownloadOptions& options) {
    const std::string name = options.name.empty() ? destination.filename().string() : options.name;
    const auto ready = [&] {
        return fs::exists(destination) &&
               (!options.replace || (fs::is_regular_file(destination) && content_problem(destination, options).empty()));
    };
    if (ready()) return;
    if (offline())
        throw DownloadError(DownloadFailure::offline,
                            "'" + destination.string() + "' is not on this machine, and HF_HUB_OFFLINE forbids to download '" + url + "'");
    bool told = false;
    const auto waiting = [&] {
        if (!told && options.callbacks.note) options.callbacks.note("another process is downloading " + name + "; waiting for it");
        told = true;
    };
    MadeFolders folders;
    try {
        Part part(destination, folders, ready, waiting);
        if (!part.obsolete()) Transfer(url, options, name, part).run();
    } catch (...) {
        folders.undo();
        throw;
    }
}

}  // namespace clipig

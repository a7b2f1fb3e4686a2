#include "models/hub.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "models/cache.h"
#include "models/http.h"

namespace clipig {
namespace fs = std::filesystem;
namespace {

/// Percent-encoding; '/' too unless it is kept.
std::string quote(const std::string& text, bool keep_slashes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string quoted;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain =
            byte < 128 && (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~' || (keep_slashes && c == '/'));
        if (plain)
            quoted += c;
        else
            (quoted += '%').append({digits[byte >> 4], digits[byte & 15]});
    }
    return quoted;
}

bool hex(const std::string& text, std::size_t size) {
    return text.size() == size && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// What the hub says about one file.
struct HubFile {
    std::string name;
    std::string url;
    std::string commit;
    std::string etag;  ///< sha256 of large files, git's blob hash of small ones
    std::int64_t size = -1;
};

/// Small files that a loader, a tokenizer or the preprocessing reads when they are there.
constexpr const char* kSmallFiles[] = {
    "open_clip_config.json",    "config.json",  "vocab.json",     "merges.txt", "tokenizer.json", "tokenizer_config.json",
    "preprocessor_config.json", "spiece.model", "tokenizer.model"};

/// A write into the cache that download() does not do itself.
void write_new(const fs::path& path, std::string_view content) {
    MadeFolders folders;
    folders.make(path.parent_path());
    write_file_atomic(path, content);
}

/// One call of fetch_from_hub.
class HubFetch {
public:
    HubFetch(const HubReference& reference, const DownloadCallbacks& callbacks)
        : reference_(reference),
          callbacks_(callbacks),
          settings_(hub_settings()),
          folder_(hub_folder(settings_, reference.repository)),
          revision_(reference.revision) {}

    fs::path run() {
        if (!reference_.file.empty()) {
            const auto file = ask(reference_.file);
            if (!file)
                throw DownloadError(DownloadFailure::not_found, "'" + hub_text(reference_) + "': the repository has no file of this name");
            const fs::path path = fetch(*file);
            record_absences();
            return path;
        }
        std::optional<HubFile> weights = find_weights();
        if (!weights)
            throw DownloadError(DownloadFailure::not_found,
                                "'" + hub_text(reference_) + "' has no weights that can be read; looked for " + join(weight_files(), ", "));
        for (const char* name : kSmallFiles)
            if (const auto file = ask(name)) static_cast<void>(fetch(*file));
        const fs::path path = fetch(*weights);
        record_absences();
        return path.parent_path();
    }

private:
    std::optional<HubFile> find_weights() {
        for (const auto& name : weight_files()) {
            auto file = ask(name);
            if (!file) continue;
            if (name.ends_with(".index.json")) fetch_shards(*file);
            return file;
        }
        return std::nullopt;
    }

    void fetch_shards(const HubFile& index) {
        // the index goes to its blob only; its name in the snapshot comes last, when all the shards are there
        const auto json = nlohmann::json::parse(read_file(fetch_blob(index)), nullptr, false);
        std::set<std::string> names;
        if (json.is_object() && json.contains("weight_map") && json["weight_map"].is_object())
            for (const auto& name : json["weight_map"])
                if (name.is_string()) names.insert(name.get<std::string>());
        if (names.empty()) throw InputError("'" + hub_text(reference_) + "': " + index.name + " names no shards");
        for (const auto& name : names) {
            const HubReference checked = parse_hub("hf:" + reference_.repository + "@main/" + name);  // refuses names that leave the folder
            const auto shard = ask(checked.file);
            if (!shard)
                throw DownloadError(DownloadFailure::not_found,
                                    "'" + hub_text(reference_) + "': the shard " + name + " is missing on the hub");
            static_cast<void>(fetch(*shard));
        }
    }

    [[nodiscard]] std::string url_of(const std::string& name) const {
        return settings_.endpoint + "/" + reference_.repository + "/resolve/" + quote(revision_, false) + "/" + quote(name, true);
    }

    /// A HEAD that follows redirects on the same host only (a renamed repository): the one to the storage carries the answer itself.
    HttpAnswer head(std::string url) const {
        for (int hops = 0;; ++hops) {
            HttpRequest request;
            request.url = url;
            request.bearer = settings_.token;
            request.headers = {"Accept-Encoding: identity"};
            request.head = true;
            request.follow = false;
            request.connect_timeout = settings_.etag_timeout;
            request.stall_timeout = settings_.etag_timeout;
            HttpAnswer answer = http_with_retries(request, default_retry_policy());
            const std::string location = answer.header("location");
            const bool relative = answer.status >= 300 && answer.status < 400 && location.starts_with('/') && !location.starts_with("//");
            if (!relative || hops == 5) return answer;
            url = url.substr(0, url.find("://") + 3) + host_of(url) + location;
        }
    }

    /// Nothing when the repository has no such file (recorded in .no_exist).
    std::optional<HubFile> ask(const std::string& name) {
        HubFile file;
        file.name = name;
        file.url = url_of(name);
        const HttpAnswer answer = head(file.url);
        file.commit = answer.header("x-repo-commit");
        const std::string code = answer.header("x-error-code");
        if (answer.code == 0 && answer.status == 404 && (code == "EntryNotFound" || (code.empty() && hex(file.commit, 40)))) {
            if (hex(file.commit, 40)) absences_.push_back(file);
            return std::nullopt;
        }
        const bool redirect = answer.code == 0 && answer.status >= 300 && answer.status < 400;
        if (!answer.fine() && !redirect) throw refusal(file.url, answer, code);
        std::string etag = answer.header("x-linked-etag");
        if (etag.empty()) etag = answer.header("etag");
        if (etag.starts_with("W/")) etag.erase(0, 2);
        std::erase(etag, '"');
        file.etag = etag;
        const std::string linked = answer.header("x-linked-size");
        const std::string size = linked.empty() && !redirect ? answer.header("content-length") : linked;
        if (!size.empty()) file.size = std::strtoll(size.c_str(), nullptr, 10);
        const bool safe = !etag.empty() && etag != "." && etag != ".." && etag.find('/') == std::string::npos;
        if (!safe || !hex(file.commit, 40))
            throw DownloadError(
                DownloadFailure::server,
                "'" + file.url +
                    "': the answer is not one of a Hugging Face hub (no commit or entity tag); check HF_ENDPOINT and the proxy");
        pin(file.commit);
        return file;
    }

    [[nodiscard]] DownloadError refusal(const std::string& url, const HttpAnswer& answer, const std::string& code) const {
        const std::string name = "'" + hub_text(reference_) + "': ";
        if (code == "RevisionNotFound")
            return {DownloadFailure::not_found, name + "the repository has no revision '" + reference_.revision + "'"};
        if (code == "GatedRepo" || answer.status == 403)
            return {DownloadFailure::refused, name + "this is a gated model: accept its terms on " + settings_.endpoint + "/" +
                                                  reference_.repository + " and set HF_TOKEN" +
                                                  (settings_.token.empty() ? "" : " (the token in use is not allowed to read it)")};
        if (code == "RepoNotFound" || (answer.code == 0 && (answer.status == 404 || answer.status == 401)))
            return {answer.status == 401 && code.empty() ? DownloadFailure::refused : DownloadFailure::not_found,
                    name + "there is no such model on " + host_of(settings_.endpoint) + ", or it is private and needs HF_TOKEN" +
                        (settings_.token.empty() ? "" : " (the token in use does not open it)")};
        return http_failure(url, answer, default_retry_policy().retries + 1);
    }

    /// From the first answer on, everything comes from the same commit.
    void pin(const std::string& commit) { revision_ = commit; }

    /// Only when all went well: a failed download leaves the cache as it was.
    void record_absences() const {
        for (const auto& file : absences_) {
            try {
                const fs::path mark = folder_ / ".no_exist" / file.commit / file.name;
                if (!fs::exists(mark)) write_new(mark, "");
            } catch (const Error&) {
                return;  // it is no more than a note for other programs
            }
        }
    }

    fs::path fetch(const HubFile& file) {
        const fs::path link = folder_ / "snapshots" / file.commit / file.name;
        const fs::path blob = folder_ / "blobs" / file.etag;
        if (!fs::is_regular_file(link)) {
            static_cast<void>(fetch_blob(file));
            place(blob, link);
        }
        write_ref(file.commit);
        return link;
    }

    fs::path fetch_blob(const HubFile& file) {
        fs::path blob = folder_ / "blobs" / file.etag;
        if (fs::is_regular_file(blob)) return blob;
        DownloadOptions options;
        options.name = file.name;
        options.size = file.size;
        if (hex(file.etag, 64)) options.sha256 = file.etag;
        if (hex(file.etag, 40)) options.git_sha1 = file.etag;
        options.bearer = settings_.token;
        options.connect_timeout = settings_.download_timeout;
        options.stall_timeout = settings_.download_timeout;
        options.callbacks = callbacks_;
        const fs::path lock_file = settings_.cache / ".locks" / folder_.filename() / (file.etag + ".lock");
        const bool lock_is_new = !fs::exists(lock_file);
        MadeFolders folders;
        try {
            const FileLock lock(lock_file, folders);
            download(file.url, blob, options);
        } catch (...) {
            if (lock_is_new) ::unlink(lock_file.c_str());  // download() has its own lock, so nothing is lost by a race here
            folders.undo();
            throw;
        }
        return blob;
    }

    /// `snapshots/COMMIT/name` -> `../../blobs/ETAG`; where links are not possible, the file itself.
    static void place(const fs::path& blob, const fs::path& link) {
        MadeFolders folders;
        folders.make(link.parent_path());
        const fs::path target = fs::relative(blob.parent_path(), link.parent_path()) / blob.filename();
        std::error_code code;
        if (fs::is_symlink(link, code)) fs::remove(link, code);  // points to a blob that is gone
        fs::create_symlink(target, link, code);
        if (!code || fs::is_regular_file(link)) return;
        fs::rename(blob, link, code);
        if (code) throw DownloadError(DownloadFailure::unwritable, "cannot make '" + link.string() + "': " + code.message());
    }

    void write_ref(const std::string& commit) const {
        if (reference_.revision == commit) return;
        const fs::path ref = folder_ / "refs" / reference_.revision;
        if (fs::is_regular_file(ref) && trim(read_file(ref)) == commit) return;
        write_new(ref, commit);
    }

    const HubReference& reference_;
    const DownloadCallbacks& callbacks_;
    HubSettings settings_;
    fs::path folder_;
    std::string revision_;
    std::vector<HubFile> absences_;
};

}  // namespace

fs::path fetch_from_hub(const HubReference& reference, const DownloadCallbacks& callbacks) {
    if (offline())
        throw DownloadError(DownloadFailure::offline, "'" + hub_text(reference) + "' is not in '" +
                                                          hub_folder(hub_settings(), reference.repository).string() +
                                                          "', and HF_HUB_OFFLINE forbids to download it");
    return HubFetch(reference, callbacks).run();
}

}  // namespace clipig

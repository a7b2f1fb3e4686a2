#include "base/files.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <vector>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/folder.h"
#include "base/temporary_file.h"

namespace clipig {
namespace fs = std::filesystem;
namespace {

std::string reason() { return std::strerror(errno); }

/// N of `stem-N`, 0 of `stem` itself, nothing for other names.
std::optional<long long> number_in(const std::string& name, const std::string& stem) {
    if (name == stem) return 0;
    if (!name.starts_with(stem + "-")) return std::nullopt;
    const char* first = name.data() + stem.size() + 1;
    const char* last = name.data() + name.size();
    long long number = 0;
    const auto [end, error] = std::from_chars(first, last, number);
    if (error != std::errc{} || end != last || number < 1 || *first == '0') return std::nullopt;
    return number;
}

/// One past the highest number in the folder, or 0 when the plain name is free and no numbered one is there.
long long next_number(const fs::path& folder, const std::string& stem, const std::string& extension) {
    long long next = 0;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        if (entry.path().extension() != extension) continue;
        if (const auto number = number_in(entry.path().stem().string(), stem)) next = std::max(next, *number + 1);
    }
    return next;
}

class Sha256 {
public:
    Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
    void add(const void* data, std::size_t size) { EVP_DigestUpdate(context_.get(), data, size); }
    std::string hex() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned int size = 0;
        EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
        constexpr std::string_view digits = "0123456789abcdef";
        std::string text;
        for (unsigned int i = 0; i < size; ++i) {
            text += digits[digest[i] >> 4];
            text += digits[digest[i] & 15];
        }
        return text;
    }

private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string read_file(const fs::path& path) {
    errno = 0;
    std::error_code code;
    if (fs::is_directory(path, code)) throw InputError("cannot read '" + path.string() + "': it is a directory");
    std::ifstream file(path, std::ios::binary);
    if (!file) throw InputError("cannot read '" + path.string() + "': " + reason());
    std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (file.bad()) throw InputError("cannot read '" + path.string() + "': " + reason());
    return content;
}

void write_file_atomic(const fs::path& path, std::string_view content) { write_file_atomic(path, std::vector<std::string_view>{content}); }

void write_file_atomic(const fs::path& path, const std::vector<std::string_view>& pieces) {
    TemporaryFile file(path);
    for (const auto piece : pieces) file.write(piece);
    file.keep();
}

fs::path reserve_name(const fs::path& wanted) {
    const fs::path folder = folder_of(wanted);
    std::error_code code;
    fs::create_directories(folder, code);
    if (code) throw InputError("cannot make the folder '" + folder.string() + "': " + code.message());
    const std::string stem = wanted.stem().string();
    const std::string extension = wanted.extension().string();
    for (;;) {
        const long long number = next_number(folder, stem, extension);
        const std::string name = number == 0 ? stem + extension : stem + "-" + std::to_string(number) + extension;
        fs::path path = wanted.parent_path() / name;
        const Descriptor fd(::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666));
        if (fd.get() >= 0) return path;
        if (errno != EEXIST) throw InputError("cannot write '" + path.string() + "': " + reason());
    }
}

std::string sha256_hex(std::string_view data) {
    Sha256 hash;
    hash.add(data.data(), data.size());
    return hash.hex();
}

std::string sha256_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw InputError("cannot read '" + path.string() + "': " + reason());
    Sha256 hash;
    std::vector<char> buffer(1 << 20);
    while (file) {
        file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        hash.add(buffer.data(), static_cast<std::size_t>(file.gcount()));
    }
    return hash.hex();
}

fs::path expand_home(std::string_view path) {
    if (path != "~" && !path.starts_with("~/")) return fs::path(path);
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home == '\0') return fs::path(path);
    return fs::path(home) / fs::path(path.substr(path.size() > 1 ? 2 : 1));
}

}  // namespace clipig

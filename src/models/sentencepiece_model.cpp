// https://github.com/google/sentencepiece
#include <sentencepiece_processor.h>

#include "base/error.h"
#include "base/files.h"
#include "models/piece_model.h"
#include "models/tensor_table.h"

namespace clipig {
namespace {

class SentencePieceModel final : public PieceModel {
public:
    explicit SentencePieceModel(const std::filesystem::path& path) {
        const auto status = processor_.LoadFromSerializedProto(read_file(path));
        if (!status.ok()) refuse(path.string(), "it is no sentencepiece model: " + shown(status.ToString()));
        for (int id = 0; id < processor_.GetPieceSize(); ++id) pieces_.push_back(processor_.IdToPiece(id));
    }

    [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const override {
        std::vector<int> ids;
        const auto status = processor_.Encode({text.data(), text.size()}, &ids);
        if (!status.ok()) throw InputError("sentencepiece: " + status.ToString());
        return {ids.begin(), ids.end()};
    }
    [[nodiscard]] const std::string& piece(std::int64_t id) const override { return pieces_.at(static_cast<std::size_t>(id)); }
    [[nodiscard]] std::optional<std::int64_t> id_of(std::string_view piece) const override {
        const int id = processor_.PieceToId({piece.data(), piece.size()});
        return id >= 0 && id < processor_.GetPieceSize() && pieces_[static_cast<std::size_t>(id)] == piece ? std::optional<std::int64_t>(id) : std::nullopt;
    }
    [[nodiscard]] std::int64_t size() const override { return static_cast<std::int64_t>(pieces_.size()); }

private:
    sentencepiece::SentencePieceProcessor processor_;
    std::vector<std::string> pieces_;
};

}  // namespace

std::unique_ptr<PieceModel> read_sentencepiece(const std::filesystem::path& path) { return std::make_unique<SentencePieceModel>(path); }

}  // namespace clipig

// What the network is shown in one update.
#pragma once

#include <memory>

#include "captions.h"
#include "models/tokenizer.h"
#include "ops/tensor.h"
#include "settings.h"

namespace clipig::mini {

struct Batch {
    Tensor views;            ///< [N,3,S,S] sRGB 0..1
    Tensor ids;              ///< [N,context] int64
    Tensor also_right;       ///< [N,N] bool: caption j fits picture i as well; false on the diagonal
    Tensor picture_targets;  ///< [N,P] shares of the proxies in a picture; a row sums to 1, or is 0
    Tensor caption_targets;  ///< [N,P] the same for captions that name their things
};

/// Makes the world and its batches. The same settings and the same index give the same batch, for any number of threads.
class Source {
public:
    /// The vocabulary is read from `folder`, and learned from captions and written there first when there is none.
    Source(const Settings& settings, const std::filesystem::path& folder);
    [[nodiscard]] Batch draw(std::uint32_t index) const;
    [[nodiscard]] std::int64_t proxies() const { return proxy_count_; }
    [[nodiscard]] const World& world() const { return world_; }
    [[nodiscard]] const Tokenizer& tokenizer() const { return *tokenizer_; }

private:
    [[nodiscard]] std::vector<std::string> sample_captions() const;
    void add_targets(const Scene& scene, float* row) const;

    const Settings settings_;
    World world_;
    std::vector<int> proxy_of_thing_;  ///< things of the same name share one
    std::int64_t proxy_count_ = 0;
    std::unique_ptr<Tokenizer> tokenizer_;
};

}  // namespace clipig::mini

// The table of known models. Sources: openai/CLIP clip/clip.py (URLs, SHA-256), open_clip src/open_clip/pretrained.py (tags, hub
// repositories, release URLs whose names end in the first digits of the SHA-256). Sizes of float32 files are computed from the number of
// parameters.
#include "models/catalogue.h"

namespace clipig {
namespace {

KnownModel openai(const char* name, const char* file, const char* sha256, int size, double megabytes, std::vector<std::string> copies) {
    KnownModel model{name,
                     std::string("https://openaipublic.azureedge.net/clip/models/") + sha256 + "/" + file,
                     file,
                     sha256,
                     size,
                     megabytes,
                     "MIT; the model card asks for research use"};
    model.quick_gelu = true;
    model.copies = std::move(copies);
    return model;
}

KnownModel hub(const char* name, const char* repository, double megabytes, const char* licence, int size = 224, int head_width = 64) {
    KnownModel model{name, std::string("hf:") + repository, {}, {}, size, megabytes, licence};
    model.vision_head_width = head_width;
    return model;
}

KnownModel quick(KnownModel model) {
    model.quick_gelu = true;
    return model;
}

KnownModel prepared(const char* preprocess, KnownModel model) {
    model.preprocess = preprocess;
    return model;
}

/// A file of open_clip's first release: `...-46683a32.pt`.
KnownModel release(const char* name, const std::string& file, double megabytes) {
    const std::string sum = file.substr(file.rfind('-') + 1, 8);
    return {name, "https://github.com/mlfoundations/open_clip/releases/download/v0.2-weights/" + file, file, sum, 224, megabytes, "MIT"};
}

constexpr const char* kApple = "Apple's own licence, research use; see its page";
constexpr const char* kPage = "see its page";

void add_openai(std::vector<KnownModel>& list) {
    list.push_back(openai("ViT-B/32", "ViT-B-32.pt", "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af", 224, 338,
                          {"hf:timm/vit_base_patch32_clip_224.openai", "hf:openai/clip-vit-base-patch32"}));
    list.push_back(openai("ViT-B/16", "ViT-B-16.pt", "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f", 224, 335,
                          {"hf:timm/vit_base_patch16_clip_224.openai", "hf:openai/clip-vit-base-patch16"}));
    list.push_back(openai("ViT-L/14", "ViT-L-14.pt", "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836", 224, 890,
                          {"hf:timm/vit_large_patch14_clip_224.openai", "hf:openai/clip-vit-large-patch14"}));
    list.push_back(openai("ViT-L/14@336px", "ViT-L-14-336px.pt", "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02", 336,
                          891, {"hf:timm/vit_large_patch14_clip_336.openai", "hf:openai/clip-vit-large-patch14-336"}));
    list.push_back(openai("RN50", "RN50.pt", "afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762", 224, 244,
                          {"hf:timm/resnet50_clip.openai"}));
    list.push_back(openai("RN101", "RN101.pt", "8fa8567bab74a42d41c5915025a8e4538c3bdbe8804a470a72f30b0d94fab599", 224, 278,
                          {"hf:timm/resnet101_clip.openai"}));
    list.push_back(openai("RN50x4", "RN50x4.pt", "7e526bd135e493cef0776de27d5f42653e6b4c8bf9e0f653bb11773263205fdd", 288, 402,
                          {"hf:timm/resnet50x4_clip.openai"}));
    list.push_back(openai("RN50x16", "RN50x16.pt", "52378b407f34354e150460fe41077663dd5b39c54cd0bfd2b27167a4a06ec9aa", 384, 631,
                          {"hf:timm/resnet50x16_clip.openai"}));
    list.push_back(openai("RN50x64", "RN50x64.pt", "be1cfb55d75a9666199fb2206c106743da0f6468c9d327f3e0d0a543a9919d9c", 448, 1291,
                          {"hf:timm/resnet50x64_clip.openai"}));
}

void add_open_clip_base(std::vector<KnownModel>& list) {
    list.push_back(hub("ViT-B-32:laion2b_s34b_b79k", "laion/CLIP-ViT-B-32-laion2B-s34B-b79K", 577, "MIT"));
    list.push_back(hub("ViT-B-32:datacomp_xl_s13b_b90k", "laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K", 577, "MIT"));
    list.push_back(quick(release("ViT-B-32:laion400m_e31", "vit_b_32-quickgelu-laion400m_e31-d867053b.pt", 577)));
    list.push_back(quick(release("ViT-B-32:laion400m_e32", "vit_b_32-quickgelu-laion400m_e32-46683a32.pt", 577)));
    list.push_back(quick(
        {"ViT-B-32:metaclip_400m", "https://dl.fbaipublicfiles.com/MMPT/metaclip/b32_400m.pt", "b32_400m.pt", {}, 224, 0, "CC BY-NC 4.0"}));
    list.push_back(hub("ViT-B-32-256:datacomp_s34b_b86k", "laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K", 577, "MIT", 256));
    list.push_back(hub("ViT-B-16:laion2b_s34b_b88k", "laion/CLIP-ViT-B-16-laion2B-s34B-b88K", 571, "MIT"));
    list.push_back(hub("ViT-B-16:datacomp_xl_s13b_b90k", "laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K", 571, "MIT"));
    list.push_back(release("ViT-B-16:laion400m_e31", "vit_b_16-laion400m_e31-00efa78f.pt", 571));
    list.push_back(release("ViT-B-16:laion400m_e32", "vit_b_16-laion400m_e32-55e67d44.pt", 571));
    list.push_back(quick(hub("ViT-B-16:dfn2b", "apple/DFN2B-CLIP-ViT-B-16", 571, kApple)));
    list.push_back(quick(release("RN50:yfcc15m", "rn50-quickgelu-yfcc15m-455df137.pt", 389)));
    list.push_back(quick(release("RN50:cc12m", "rn50-quickgelu-cc12m-f000538c.pt", 389)));
    list.push_back(quick(release("RN101:yfcc15m", "rn101-quickgelu-yfcc15m-3e04b30e.pt", 457)));
}

void add_open_clip_large(std::vector<KnownModel>& list) {
    list.push_back(prepared("half", hub("ViT-L-14:laion2b_s32b_b82k", "laion/CLIP-ViT-L-14-laion2B-s32B-b82K", 1631, "MIT")));
    list.push_back(hub("ViT-L-14:datacomp_xl_s13b_b90k", "laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K", 1631, "MIT"));
    list.push_back(release("ViT-L-14:laion400m_e31", "vit_l_14-laion400m_e31-69988bb6.pt", 1631));
    list.push_back(release("ViT-L-14:laion400m_e32", "vit_l_14-laion400m_e32-3d133497.pt", 1631));
    list.push_back(quick(hub("ViT-L-14:dfn2b", "apple/DFN2B-CLIP-ViT-L-14", 1631, kApple)));
    list.push_back(hub("ViT-H-14:laion2b_s32b_b79k", "laion/CLIP-ViT-H-14-laion2B-s32B-b79K", 3762, "MIT", 224, 80));
    list.push_back(prepared("openai squash", quick(hub("ViT-H-14:dfn5b", "apple/DFN5B-CLIP-ViT-H-14", 3762, kApple, 224, 80))));
    list.push_back(hub("ViT-g-14:laion2b_s12b_b42k", "laion/CLIP-ViT-g-14-laion2B-s12B-b42K", 5213, "MIT", 224, 88));
    list.push_back(hub("ViT-g-14:laion2b_s34b_b88k", "laion/CLIP-ViT-g-14-laion2B-s34B-b88K", 5213, "MIT", 224, 88));
    list.push_back(hub("ViT-bigG-14:laion2b_s39b_b160k", "laion/CLIP-ViT-bigG-14-laion2B-39B-b160k", 9688, "MIT", 224, 104));
}

void add_siglip(std::vector<KnownModel>& list) {
    const auto add = [&list](const char* name, const char* repository, int size, int head_width = 64) {
        list.push_back(prepared("half squash", hub(name, repository, 0, "Apache 2.0", size, head_width)));
    };
    add("ViT-B-16-SigLIP:webli", "timm/ViT-B-16-SigLIP", 224);
    add("ViT-B-16-SigLIP-256:webli", "timm/ViT-B-16-SigLIP-256", 256);
    add("ViT-B-16-SigLIP-384:webli", "timm/ViT-B-16-SigLIP-384", 384);
    add("ViT-B-16-SigLIP-512:webli", "timm/ViT-B-16-SigLIP-512", 512);
    add("ViT-SO400M-14-SigLIP:webli", "timm/ViT-SO400M-14-SigLIP", 224, 72);
}

/// Adversarially fine-tuned weights, whose gradients paint far more than those of the plain ones.
void add_robust(std::vector<KnownModel>& list) {
    // all of them started from OpenAI's weights, and so keep QuickGELU
    list.push_back(
        quick({"CLIPAG", "https://zenodo.org/records/10446026/files/CLIPAG_ViTB32.pt", "CLIPAG_ViTB32.pt", {}, 224, 0, "CC BY 4.0"}));
    list.push_back(quick(hub("FARE2", "chs20/fare2-clip", 1631, kPage)));
    list.push_back(quick(hub("FARE4", "chs20/fare4-clip", 1631, kPage)));
    list.push_back(quick(hub("TeCoA2", "chs20/tecoa2-clip", 1631, kPage)));
    list.push_back(quick(hub("TeCoA4", "chs20/tecoa4-clip", 1631, kPage)));
}

}  // namespace

const std::vector<KnownModel>& known_models() {
    static const std::vector<KnownModel> table = [] {
        std::vector<KnownModel> list;
        KnownModel mini{"mini", "bundled", {}, {}, 64, 16, "part of clipig; trained on pictures under the SIL Open Font License 1.1"};
        mini.quick_gelu = true;
        list.push_back(std::move(mini));
        add_openai(list);
        add_open_clip_base(list);
        add_open_clip_large(list);
        add_siglip(list);
        add_robust(list);
        return list;
    }();
    return table;
}

}  // namespace clipig

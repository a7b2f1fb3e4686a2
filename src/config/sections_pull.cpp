// What pulls at the picture and where: target, feature, postproc, gradient, mask.
#include "config/section_parts.h"

namespace clipig::sections {

OperatorSpec target_section() {
    return section(
        "target", "One target: views of the picture, and what they are compared with.",
        "Each entry of `transforms` and `constraints` names one operator. One with a single parameter takes its value directly\n"
        "(`mul: 1/5`), the others a map, or values in the order of their parameters. Positional values go all to the first parameter when\n"
        "their number and type fit it (`resize: 40 24`, `blur: 3 5`), else one to each parameter (`blur: 3 .35` is kernel_size 3,\n"
        "sigma .35), else they fill the parameters one after the other (`pad: 3 2 .1 .2 .3`).\n\n"
        "The losses of a target's views are averaged, so that batch_size changes noise and not strength.\n\n"
        "`mean_embedding: s` makes the loss (1 - s) (mean of the views' losses) + s (loss of the mean of the views' embeddings, of length "
        "1): views\n"
        "need not all show everything, which gives more coherence and less detail as s grows (deep-daze: .3). Views that do not fit into "
        "one\n"
        "batch are then evaluated twice.",
        "targets:\n  - name: berries\n    batch_size: 5\n    features:\n      - text: strawberries\n",
        {active_field(), field("name", FieldType::text, "target", "For the statistics."), start_field(), end_field(),
         sees(field("weight", FieldType::real, "1", "Multiplies the target's whole loss."), kAllGroups),
         unit(at_least(field("batch_size", FieldType::integer, "1",
                             "Views per epoch. A target without randomness in its transforms is evaluated once."),
                       1),
              "views"),
         any_number(field("model", FieldType::text, "null", "Model or list of models of this target alone; else those of the experiment.")),
         any_number(at_least(field("model_weight", FieldType::real, "null", "Shares of this target's models."), 0)),
         one_of(field("select", FieldType::text, "all",
                      "`all`: sum of the feature losses; `best`, `worst`: only the feature with the highest or lowest similarity, for each "
                      "view; "
                      "`mix`: one loss against the weighted mean of the features."),
                {"all", "best", "worst", "mix"}),
         unit(
             at_most(at_least(
                         sees(field("mean_embedding", FieldType::real, "0",
                                    "Share of the loss that is taken of the mean of the views' embeddings instead of each view by itself."),
                              kTime | kResolution | kLearnrate),
                         0),
                     1),
             "0..1"),
         field("no_text", FieldType::boolean, "null",
               "Away from letters: see `no_text` of the experiment; this one counts for the target."),
         one_of(field("feature_scale", FieldType::text, "equal",
                      "`fair` scales the similarities so that all features start alike on the first frame."),
                {"equal", "fair"}),
         nested("mask", "mask", "Where in the picture the target pulls: see the section `mask`."),
         part("features", "Texts and pictures to come near to: see the section `feature`."),
         part("transforms", "Applied in order to the whole picture, once per view."),
         part("constraints", "Losses on the pixels of the transformed view.")});
}

OperatorSpec feature_section() {
    return section(
        "feature", "A text or a picture that a target's views are compared with.",
        "Exactly one of `text` and `image` is given. A list of texts is one feature: the mean of their embeddings, each of length 1 "
        "before\n"
        "and the mean after (`text: [a photo of a meadow, a painting of a meadow]`).\n\n"
        "`stop` keeps the value of the loss and drops its gradient for the views with sign(weight) loss < stop. A negative weight without "
        "it\n"
        "pushes on without end and spoils the picture: with `weight: -.5`, `loss: cosine` and `stop: -.8` it rests where 1 - cos > .8, "
        "that is\n"
        "cos < .2. With `loss: spherical` losses lie in 0..4.9 (after pytti). With `select: mix` the first feature's counts, as its loss "
        "does.",
        "targets:\n  - features:\n      - text: a green meadow\n        weight: -.5\n",
        {any_number(field("text", FieldType::text, "", "The text, or a list of texts whose mean is meant.")),
         field("image", FieldType::text, "", "Path or URL of a picture."),
         sees(field("weight", FieldType::real, "1", "Multiplies the feature's loss; negative = away from it."), kAllGroups),
         sees(field("scale", FieldType::real, "1", "Multiplies the similarity that `select` uses."), kAllGroups),
         operator_of("loss", "loss", "cosine", "Distance between the embeddings of a view and of the feature."),
         sees(field("stop", FieldType::real, "null",
                    "The feature stops to pull a view once the loss, with the sign of `weight`, is below this: `stop: .6`, or `weight: -1, "
                    "stop: -.8`."),
              kAllGroups),
         start_field(), end_field(),
         field("truncate", FieldType::boolean, "false", "Cut a text that is too long for the model instead of refusing it."),
         field("chunk", FieldType::boolean, "false",
               "Read a text that is too long for the model in pieces, cut at the ends of words, and take the mean of their embeddings.")});
}

OperatorSpec postproc_section() {
    return section("postproc", "An effect on the pixels themselves at the start of every epoch, outside of the gradient.",
                   "An entry names one transform that keeps the resolution; these keys stand beside it.",
                   "postproc:\n  - blur: 3 .35\n    end: 50%\n",
                   {active_field(), start_field(), end_field(),
                    nested("mask", "mask", "Where in the picture the effect shows: see the section `mask`.")});
}

OperatorSpec gradient_section() {
    return section("gradient", "What is done to the gradient of the whole loss at the pixels, before parametrisation and optimiser.",
                   "First `normalize`, then the bounds. Optimisers of the Adam family do not see a constant factor; sgd does, and Adam "
                   "sees single epochs\n"
                   "that are far off. Bounds shrink the whole gradient, they do not cut single pixels. In short: `gradient: sign`.",
                   "gradient: {normalize: norm, clip_rms: .05}\noptimizer: sgd\n",
                   {one_of(field("normalize", FieldType::text, "none",
                                 "`norm`: divided by its length; `rms`: by the root of the mean square of its entries; `sign`: only the "
                                 "sign of each entry counts."),
                           {"none", "norm", "rms", "sign"}),
                    more_than_zero(sees(field("clip_norm", FieldType::real, "null", "Largest length."), kTime)),
                    more_than_zero(sees(field("clip_rms", FieldType::real, "null", "Largest root of the mean square."), kTime))});
}

OperatorSpec mask_section() {
    return section(
        "mask", "Where in the picture a target, a constraint or an effect acts: a picture, or a shape.",
        "White (1) acts, black (0) does not, grey acts in part. The mask lies over the whole picture, whatever its resolution, not over a "
        "view.\n"
        "In short: `mask: sky.png`, `mask: x < .5`, where x goes from 0 at the left to 1 at the right and y from 0 at the top to 1 at the "
        "bottom.\n\n"
        "Of a target or constraint the gradient at the pixels is multiplied by the mask. Views are made and judged as without it, so that "
        "the\n"
        "model sees a region with its surroundings, and both halves of `mask: x < .5` and `mask: x >= .5` fit together; but only the "
        "region is\n"
        "painted. (Blackening what lies outside would show the model a picture that nobody paints.) A region is painted better when the "
        "views\n"
        "show mostly it: begin the transforms with a `crop`. With `pixels: rgb` nothing outside changes; other parametrisations share "
        "numbers\n"
        "between far pixels (the coarse layers of a pyramid), so their colours may run over. A mask of a constraint within a masked target "
        "is multiplied with the target's. An\n"
        "effect of `postproc` is blended in: (1 - mask) old + mask new.\n\n"
        "A shape is evaluated at the centres of the pixels (at most 512 along the longer side, linear between); true counts as 1, and "
        "what\n"
        "lies outside of 0..1 is clamped.",
        "targets:\n  - mask: {shape: x + y < 1, feather: .05}\n    features:\n      - text: the sea\n",
        {sees(field("shape", FieldType::real, "null", "An expression of x and y, and of time: `x < .5`, `hypot(x - .5, y - .5) < .3 * t`."),
              kTime | kResolution | kPosition),
         field("picture", FieldType::text, "null", "Path or URL of a picture, stretched to the canvas; its brightness counts."),
         field("invert", FieldType::boolean, "false", "Black acts, white does not."),
         unit(at_least(sees(field("feather", FieldType::real, "0", "Softens the edges: standard deviation of a Gaussian blur."),
                            kTime | kResolution),
                       0),
              "pixels, below 1 a share of the shorter side")});
}

}  // namespace clipig::sections

#!/bin/sh
# Makes the pictures of this folder with other programs: ImageMagick, libjpeg-turbo, libwebp, giflib's gifsicle, pngquant, libtiff, exiftool.
# On Debian 12: imagemagick libjpeg-turbo-progs webp gifsicle pngquant libtiff-tools libimage-exiftool-perl
set -eu
cd "$(dirname "$0")"
d=$(mktemp -d)
trap 'rm -r "$d"' EXIT
python3 draw.py "$d"
magick=convert-im6.q16
plain="-strip"

$magick "$d/gradient.pam" $plain PNG24:png_rgb8.png
$magick "$d/gradient16.pam" $plain PNG48:png_rgb16.png
$magick "$d/grey16.pam" $plain -define png:color-type=0 -define png:bit-depth=16 png_grey16.png
$magick "$d/gradient.pam" $plain -interlace PNG PNG24:png_interlaced.png
$magick "$d/quarters.pam" $plain PNG32:png_rgba8.png
$magick "$d/quarters.pam" $plain PNG64:png_rgba16.png
$magick "$d/opaque.pam" $plain PNG8:png_palette.png
pngquant --force --output png_palette_alpha.png 8 png_rgba8.png
$magick "$d/grey.pam" $plain -threshold 50% -define png:color-type=0 -define png:bit-depth=1 png_grey1.png
$magick "$d/grey.pam" $plain -define png:color-type=4 png_grey_alpha.png
$magick "$d/gradient.pam" -define png:exclude-chunk=date,tIME -transparent "rgb(0,0,128)" -define png:color-type=2 png_rgb_trns.png
$magick "$d/gradient.pam" -define png:exclude-chunk=date,tIME -set Author "Ludwig Böhm" -set Title "$(seq -s " " 400)" PNG24:png_text.png

$magick "$d/gradient.pam" "$d/gradient.ppm"
$magick "$d/grey.pam" "$d/grey.pgm"
cjpeg -quality 95 -sample 1x1 -outfile jpeg_444.jpg "$d/gradient.ppm"
cjpeg -quality 95 -sample 2x2 -progressive -outfile jpeg_progressive.jpg "$d/gradient.ppm"
cjpeg -quality 95 -grayscale -outfile jpeg_grey.jpg "$d/grey.pgm"
cjpeg -quality 95 -rgb -outfile jpeg_rgb.jpg "$d/gradient.ppm"
cjpeg -quality 95 -arithmetic -outfile jpeg_arithmetic.jpg "$d/gradient.ppm" 2>/dev/null || rm -f jpeg_arithmetic.jpg
$magick "$d/gradient.pam" -strip -colorspace CMYK -sampling-factor 1x1 -quality 95 jpeg_cmyk.jpg
for n in 1 2 3 4 5 6 7 8; do
    cp jpeg_444.jpg jpeg_orientation_$n.jpg
    exiftool -q -overwrite_original -n -Orientation=$n jpeg_orientation_$n.jpg
done
cp jpeg_444.jpg jpeg_exif_text.jpg
exiftool -q -overwrite_original -ImageDescription="a description" -UserComment="größer – 大 🐶" -XMP-dc:Description="less < more & more" -Comment="a comment" jpeg_exif_text.jpg

cwebp -quiet -q 95 png_rgb8.png -o webp_lossy.webp
cwebp -quiet -lossless png_rgb8.png -o webp_lossless.webp
cwebp -quiet -lossless -exact png_rgba8.png -o webp_alpha.webp
cwebp -quiet -q 95 png_rgba8.png -o webp_lossy_alpha.webp
cp webp_lossless.webp webp_orientation_6.webp
exiftool -q -overwrite_original -n -Orientation=6 webp_orientation_6.webp

$magick "$d/opaque.pam" -strip gif_plain.gif
$magick "$d/quarters.pam" -strip gif_transparent.gif
$magick "$d/opaque.pam" -strip -interlace GIF gif_interlaced.gif
$magick "$d/opaque.pam" -strip -crop 10x6+10+0 +repage "$d/part.gif"
$magick "$d/grey.pam" -strip -crop 10x6+0+0 +repage "$d/second.gif"
gifsicle --logical-screen 24x16 --position 10,0 "$d/part.gif" --delay 10 --position 3,4 "$d/second.gif" -o gif_offset_animated.gif
gif2webp -quiet gif_offset_animated.gif -o "$d/animated.webp"
cp "$d/animated.webp" webp_animated.webp

$magick "$d/gradient.pam" -strip BMP3:bmp_24.bmp
$magick "$d/quarters.pam" -strip BMP:bmp_32_alpha.bmp
$magick "$d/opaque.pam" -strip -type Palette -compress none BMP3:bmp_palette.bmp
$magick "$d/opaque.pam" -strip -type Palette -compress RLE BMP3:bmp_rle8.bmp
$magick "$d/grey.pam" -strip -threshold 50% -type Bilevel BMP3:bmp_1.bmp
$magick "$d/gradient.pam" -strip -define bmp:subtype=RGB565 BMP:bmp_565.bmp
$magick "$d/gradient.pam" -strip BMP2:bmp_core.bmp

$magick "$d/gradient.pam" -strip -compress none tiff_rgb8.tif
$magick "$d/gradient16.pam" -strip -depth 16 -compress zip tiff_rgb16.tif
$magick "$d/gradient16.pam" -strip -depth 16 -compress none -endian MSB tiff_rgb16_big_endian.tif
$magick "$d/grey16.pam" -strip -depth 16 -compress lzw tiff_grey16.tif
$magick "$d/quarters.pam" -strip -compress lzw tiff_rgba8.tif
$magick "$d/opaque.pam" -strip -type Palette -compress none tiff_palette.tif
$magick "$d/grey.pam" -strip -threshold 50% -type Bilevel -compress Group4 tiff_group4.tif
$magick "$d/grey.pam" -strip -define quantum:polarity=min-is-white tiff_min_is_white.tif
$magick "$d/gradient.pam" -strip -colorspace CMYK -compress lzw tiff_cmyk.tif
tiffcp -t -w 16 -l 16 -c zip tiff_rgb16.tif tiff_tiled16.tif
tiffcp -p separate -r 5 -c lzw tiff_rgb8.tif tiff_planes.tif
tiffcp -t -w 16 -l 16 -p separate -c lzw tiff_rgb8.tif tiff_tiled_planes.tif
tiffcp -8 -c packbits tiff_rgb8.tif tiff_big.tif
cp tiff_rgb8.tif tiff_orientation_6.tif
exiftool -q -overwrite_original -n -Orientation=6 -ImageDescription="a description" tiff_orientation_6.tif

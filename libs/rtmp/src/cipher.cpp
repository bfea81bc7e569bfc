#include "key_agreement.hpp"
#include <millrace/crypto/rc4.hpp>
#include <millrace/rtmp/cipher.hpp>

namespace millrace::rtmp {

OutputCipher::OutputCipher(ByteView key) : stream_{std::make_unique<crypto::Rc4>(begin_stream(key))} {}

OutputCipher::~OutputCipher() = default;
OutputCipher::OutputCipher(OutputCipher&&) noexcept = default;
OutputCipher& OutputCipher::operator=(OutputCipher&&) noexcept = default;

void OutputCipher::apply(std::span<std::uint8_t> bytes)
{
    stream_->apply(bytes);
}

} // namespace millrace::rtmp

// A stream that comes as a file does, FLV or MPEG-TS, whatever brings its bytes.
#pragma once

#include "file_reader.hpp"
#include <millrace/clients/source.hpp>

namespace millrace::clients {

/// Takes FLV and MPEG-TS apart; where the bytes are from is the business of those who derive from it.
class FileSource : public Source {
public:
    net::awaitable<std::optional<media::Item>> next() final;
    void stop() final;

protected:
    /// The next bytes, valid until the next call; none: that was all, and `outcome_` says why.
    virtual net::awaitable<ByteView> more() = 0;
    /// Ends what more() waits for.
    virtual void interrupt() = 0;
    /// Says goodbye, after the last more().
    virtual net::awaitable<void> leave() = 0;

    bool stopping() const { return stopping_; }
    void fail(std::string why) { outcome_.why = std::move(why); }

private:
    void take(ByteView bytes);
    void pass_warnings();

    FileReader demuxer_;
    bool stopping_ = false;
    bool over_ = false;
};

} // namespace millrace::clients

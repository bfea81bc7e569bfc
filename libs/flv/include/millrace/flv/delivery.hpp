// Which tracks of a stream a reader gets, and the bodies that it gets of them: for FLV tags and RTMP messages
// alike.
#pragma once

#include <millrace/flv/body.hpp>
#include <millrace/flv/options.hpp>

namespace millrace::flv {

/// What becomes of one track.
struct Choice {
    media::Track track;
    std::optional<Form> form; ///< How it goes out; none when it is left out.
    std::string left_out;     ///< Why, in words; empty when it goes out.
};

/// Decides for each track whether it goes out and in which form; in the order of kinds and numbers.
///
/// Without multitrack one track of each kind goes out, without its number: the default one, or the first
/// that the reader can have.
std::vector<Choice> choose(const std::vector<media::Track>& tracks, const Options& options);

/// Why a reader cannot be served at all, in words: a track that it asked for is not there, or there are
/// tracks and it can have none of them. Empty when it can, and while nothing is known of the stream.
std::string refusal(const std::vector<media::Track>& tracks, const Options& options);

/// Tracks, metadata and frames in, bodies out.
class Delivery {
public:
    explicit Delivery(Options options = {}) : options_{options} {}

    const Options& options() const { return options_; }

    /// The metadata (made from the tracks when the head has none and `make_metadata` is set), then sequence
    /// headers, colours and layouts.
    std::vector<Body> head(const media::Head& head, bool make_metadata) const;

    /// A track that appeared or changed; appends what a reader must be told.
    void learn(const media::Track& track, std::vector<Body>& out);
    /// A track that will not come again. Another one may take its place.
    void forget(media::TrackId id, std::vector<Body>& out);

    Body metadata(const media::Metadata& metadata) const;
    /// None for a frame of a track that was not learnt, or is left out.
    std::optional<Body> frame(const media::Frame& frame) const;

    /// The video track that goes out; of several, the first. With its key frames a reader begins.
    std::optional<media::TrackId> picture() const;

private:
    struct Outgoing {
        media::Track track;
        Form form;
    };
    using OutgoingTracks = std::vector<Outgoing>;

    static OutgoingTracks plan(const std::vector<media::Track>& tracks, const Options& options);
    static void tell(const Outgoing& now, const Outgoing* before, std::vector<Body>& out);
    void replan(const media::Track* told, std::vector<Body>& out);

    Options options_;
    std::vector<media::Track> tracks_; ///< All that were learnt, in the order of their ids.
    OutgoingTracks outgoing_;          ///< In the order of their ids.
};

} // namespace millrace::flv

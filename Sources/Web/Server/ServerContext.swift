import Hummingbird
import NIOCore

/// What comes with a request: its log and its connection.
package struct ServerContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The other end of the connection, in digits.
    var peer: String? { channel.remoteAddress?.ipAddress }
}

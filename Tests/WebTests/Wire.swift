import Dispatch
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A client that sends what and as slowly as it likes.
struct Wire {
    private let socket: Int32

    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        (address.sin_family, address.sin_port) = (sa_family_t(AF_INET), UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let done = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard done == 0 else { throw POSIXError(.ECONNREFUSED) }
    }

    /// - Returns: Whether the other side still took it.
    @discardableResult
    func send(_ text: String) -> Bool { text.withCString { Glibc.send(socket, $0, strlen($0), Int32(MSG_NOSIGNAL)) } > 0 }

    /// The same for more than the system keeps for the other side.
    func sent(_ text: String) async -> Bool {
        await withCheckedContinuation { done in DispatchQueue.global().async { done.resume(returning: send(text)) } }
    }

    func end() { close(socket) }

    /// Everything until the other side closes; nil when it has not after a minute. Waits on a thread of its own.
    func untilClosed() async -> String? {
        await withCheckedContinuation { done in DispatchQueue.global().async { done.resume(returning: received()) } }
    }

    private func received() -> String? {
        var bytes: [UInt8] = [], part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(socket, &part, part.count, 0)
            if count > 0 { bytes += part[..<count] } else { break }
        }
        let isOpen = errno == EAGAIN
        close(socket)
        return isOpen && bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}

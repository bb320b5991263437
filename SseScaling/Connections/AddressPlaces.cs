using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace SseScaling.Connections;

/// <summary>How many streams each client address has open on this replica, where that has a limit. Any thread.</summary>
/// <remarks>One customer has a whole /64 of IPv6 addresses: those count as one.</remarks>
internal sealed class AddressPlaces(IOptions<SseOptions> options)
{
    private const int NetworkBytes = 8;

    private readonly ConcurrentDictionary<IPAddress, int> _taken = new();

    /// <summary>Takes a place; false when the address has all of its.</summary>
    /// <param name="client">The client's address; null: it has none.</param>
    /// <param name="place">What to give back in the end; null: nothing.</param>
    public bool TryTake(IPAddress? client, out IPAddress? place)
    {
        var limit = options.Value.MaxStreamsPerAddress;
        place = limit == 0 || client is null ? null : Network(client);
        if (place is null || _taken.AddOrUpdate(place, 1, static (_, taken) => taken + 1) <= limit)
            return true;
        Release(place);
        place = null;
        return false;
    }

    public void Release(IPAddress? place)
    {
        if (place is not null && _taken.AddOrUpdate(place, 0, static (_, taken) => taken - 1) <= 0)
            _taken.TryRemove(KeyValuePair.Create(place, 0));
    }

    private static IPAddress Network(IPAddress client)
    {
        if (client.IsIPv4MappedToIPv6)
            return client.MapToIPv4();
        if (client.AddressFamily != AddressFamily.InterNetworkV6)
            return client;
        var bytes = client.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes);
    }
}

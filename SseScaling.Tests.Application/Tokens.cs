using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace SseScaling.Tests.Application;

/// <summary>The tokens that the shop takes, of a key that lives as long as the process.</summary>
public static class Tokens
{
    private static readonly SymmetricSecurityKey Key = new(RandomNumberGenerator.GetBytes(32));

    internal static TokenValidationParameters Validation { get; } = new()
    {
        IssuerSigningKey = Key,
        ValidIssuer = "shop",
        ValidAudience = "shop",
        ClockSkew = TimeSpan.Zero,
    };

    /// <summary>A token of a customer, or of a clerk, who may publish anything.</summary>
    public static string For(string user, string? role = null) => For(user, new Dictionary<string, object>
    {
        ["role"] = role ?? "customer",
        ["sse_pub"] = role == "clerk" ? ["*"] : Array.Empty<string>(),
    });

    /// <summary>A token with claims of choice.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="claims">Beside the user.</param>
    /// <param name="life">How long it is valid. Default 1 h.</param>
    /// <param name="issued">Since when. Default: now.</param>
    public static string For(string user, IDictionary<string, object> claims, TimeSpan? life = null, DateTime? issued = null)
    {
        var from = issued ?? DateTime.UtcNow;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "shop",
            Audience = "shop",
            IssuedAt = from,
            NotBefore = from,
            Expires = from + (life ?? TimeSpan.FromHours(1)),
            Claims = new Dictionary<string, object>(claims) { ["sub"] = user },
            SigningCredentials = new SigningCredentials(Key, SecurityAlgorithms.HmacSha256),
        });
    }
}

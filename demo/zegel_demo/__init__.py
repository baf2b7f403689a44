"""What the demo and the tests share: parties that stand in for people, their browsers and their passkeys."""
